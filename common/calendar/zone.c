/* zone.c - TZif files: transitions, and the rule for the time behind the last of them.
 *
 * Version 2 and later hold everything twice; the first half has 32-bit times and is passed over.
 */
#include "calendar/zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "calendar/days.h"

enum { MOST_BYTES = 1 << 20, HEAD = 44, DAY = 86400, MOST_OFFSET = 26 * 3600 }; /* RFC 9636, 3.2 */

/* Mm.w.d, Jn or n of a POSIX rule, and the time of day there. */
struct change {
    char form; /* 'M', 'J', 'N' */
    int month, week, day;
    int64_t time_s;
};
struct rule {
    bool set, has_dst;
    int64_t standard_s, dst_s; /* east of UTC */
    struct change begins, ends;
};
struct zone {
    size_t count;
    int64_t *at;     /* UTC seconds, rising */
    int32_t *offset; /* from then on */
    int32_t first;   /* before the first one */
    struct rule rule;
};

void zone_free(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->at);
    free(zone->offset);
    free(zone);
}

/* ---- the footer: "GMT0BST,M3.5.0/1,M10.5.0" ---- */

static bool skip_name(const char **text)
{
    const char *start = *text;
    if (**text == '<') {
        *text = strchr(start, '>');
        return *text && (++*text, true);
    }
    while (isalpha((unsigned char)**text))
        ++*text;
    return *text - start >= 3;
}

/* [+-]hh[:mm[:ss]], hours up to 167. */
static bool take_time(const char **text, int64_t *seconds)
{
    int64_t sign = **text == '-' ? -1 : 1, unit = 3600;
    *text += **text == '-' || **text == '+';
    *seconds = 0;
    if (!isdigit((unsigned char)**text))
        return false;
    for (;; unit /= 60) {
        long part = strtol(*text, (char **)(uintptr_t)text, 10);
        if (part < 0 || part > 167)
            return false;
        *seconds += unit * part;
        if (**text != ':' || unit == 1)
            break;
        ++*text;
    }
    *seconds *= sign;
    return true;
}

static bool take_change(const char **text, struct change *change)
{
    *change = (struct change){.form = 'N', .time_s = 2 * 3600};
    if (*(*text)++ != ',')
        return false;
    if (**text == 'M') {
        int used = 0;
        if (sscanf(*text, "M%d.%d.%d%n", &change->month, &change->week, &change->day, &used) != 3 ||
            change->month < 1 || change->month > 12 || change->week < 1 || change->week > 5 ||
            change->day < 0 || change->day > 6)
            return false;
        change->form = 'M';
        *text += used;
    } else {
        if (**text == 'J') {
            change->form = 'J';
            ++*text;
        }
        if (!isdigit((unsigned char)**text))
            return false;
        change->day = (int)strtol(*text, (char **)(uintptr_t)text, 10);
        if (change->day < (change->form == 'J') || change->day > 365)
            return false;
    }
    if (**text != '/')
        return true;
    ++*text;
    return take_time(text, &change->time_s);
}

static bool take_rule(const char *text, struct rule *rule)
{
    int64_t west;
    if (!*text)
        return true; /* no rule: the last transition's offset goes on */
    if (!skip_name(&text) || !take_time(&text, &west))
        return false;
    rule->standard_s = -west;
    rule->set = true;
    if (!*text)
        return true;
    if (!skip_name(&text))
        return false;
    rule->has_dst = true;
    rule->dst_s = rule->standard_s + 3600;
    if (*text != ',') {
        if (!take_time(&text, &west))
            return false;
        rule->dst_s = -west;
    }
    return take_change(&text, &rule->begins) && take_change(&text, &rule->ends) && !*text;
}

/* ---- the file ---- */

static int64_t number(const unsigned char *bytes, int size)
{
    uint64_t value = bytes[0] & 0x80 ? ~UINT64_C(0) : 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

struct counts {
    size_t utc, standard, leap, time, type, letters;
};

static bool take_head(const unsigned char *bytes, size_t size, struct counts *counts)
{
    if (size < HEAD || memcmp(bytes, "TZif", 4) != 0)
        return false;
    size_t *const INTO[] = {&counts->utc,  &counts->standard, &counts->leap,
                            &counts->time, &counts->type,     &counts->letters};
    for (int i = 0; i < 6; i++) {
        int64_t value = number(bytes + 20 + 4 * i, 4);
        if (value < 0 || value > MOST_BYTES)
            return false;
        *INTO[i] = (size_t)value;
    }
    return counts->type > 0;
}

static size_t body_size(const struct counts *counts, size_t time_size)
{
    return counts->time * (time_size + 1) + counts->type * 6 + counts->letters +
           counts->leap * (time_size + 4) + counts->standard + counts->utc;
}

static bool take_body(const unsigned char *body, const struct counts *counts, struct zone *zone)
{
    const unsigned char *kinds = body + counts->time * 8, *types = kinds + counts->time;
    zone->count = counts->time;
    zone->at = mem_array(counts->time + 1, sizeof *zone->at);
    zone->offset = mem_array(counts->time + 1, sizeof *zone->offset);
    zone->first = (int32_t)number(types, 4);
    for (size_t i = 0; i < counts->time; i++) {
        if (kinds[i] >= counts->type)
            return false;
        zone->at[i] = number(body + 8 * i, 8);
        zone->offset[i] = (int32_t)number(types + 6 * kinds[i], 4);
        if (i > 0 && zone->at[i] <= zone->at[i - 1])
            return false;
        if (labs(zone->offset[i]) > MOST_OFFSET)
            return false;
    }
    return labs(zone->first) <= MOST_OFFSET;
}

bool zone_read(const char *name, const unsigned char *bytes, size_t size, struct zone **out,
               struct err *err)
{
    OWN(zone) struct zone *zone = mem_new(sizeof *zone);
    struct counts counts;
    char footer[128] = "";
    size_t at = 0;
    bool ok = take_head(bytes, size, &counts) && bytes[4] >= '2';
    if (ok)
        at = HEAD + body_size(&counts, 4);
    ok = ok && at < size && take_head(bytes + at, size - at, &counts);
    size_t end = ok ? at + HEAD + body_size(&counts, 8) : 0;
    ok = ok && end < size && take_body(bytes + at + HEAD, &counts, zone) && bytes[end] == '\n';
    if (ok) {
        const unsigned char *close = memchr(bytes + end + 1, '\n', size - end - 1);
        ok = close && (size_t)(close - bytes - end) < sizeof footer;
        if (ok)
            snprintf(footer, sizeof footer, "%.*s", (int)(close - bytes - (ptrdiff_t)end - 1),
                     (const char *)bytes + end + 1);
    }
    /* Offsets of files that count leap seconds (right/...) are no offsets of UTC. */
    if (!ok || counts.leap > 0 || !take_rule(footer, &zone->rule))
        return err_set(err, ERR_FATAL, 400,
                       "time zone %s: its file is none of version 2 or later without leap seconds",
                       name);
    *out = GIVE(zone);
    return true;
}

static bool name_ok(const char *name)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return *name && *name != '/' && strlen(name) <= 64 && name[strspn(name, PLAIN)] == 0;
}

static const char *folder(void)
{
    const char *given = getenv("TZDIR");
    return given ? given : "/usr/share/zoneinfo";
}

bool zone_open(const char *name, struct zone **out, struct err *err)
{
    OWN_TEXT char *path = mem_printf("%s/%s", folder(), name);
    FILE *file = name_ok(name) ? fopen(path, "rbe") : NULL;
    if (!file)
        return err_set(err, ERR_FATAL, 400,
                       "time zone \"%.64s\" is not in %s; want a name as Europe/London, and tzdata",
                       name, folder());
    unsigned char *bytes = mem_new(MOST_BYTES);
    size_t size = fread(bytes, 1, MOST_BYTES, file);
    fclose(file);
    bool ok = zone_read(name, bytes, size, out, err);
    free(bytes);
    return ok;
}

/* ---- asking ---- */

/* Seconds of local time since 1970 at which the change of this year happens. */
static int64_t change_at(const struct change *change, int year)
{
    int64_t day = days_of(year, 1, 1);
    if (change->form == 'N')
        return (day + change->day) * DAY + change->time_s;
    if (change->form == 'J')
        return (day + change->day - 1 + (month_days(year, 2) == 29 && change->day >= 60)) * DAY +
               change->time_s;
    day = days_of(year, change->month, 1);
    int64_t in_month = (change->day - days_weekday(day) % 7 + 7) % 7 + 7 * (change->week - 1);
    if (in_month >= month_days(year, change->month))
        in_month -= 7;
    return (day + in_month) * DAY + change->time_s;
}

static void rule_changes(const struct rule *rule, int year, int64_t *begins, int64_t *ends)
{
    *begins = change_at(&rule->begins, year) - rule->standard_s;
    *ends = change_at(&rule->ends, year) - rule->dst_s;
}

static int64_t rule_offset(const struct rule *rule, int64_t utc_s)
{
    int64_t begins, ends;
    if (!rule->has_dst)
        return rule->standard_s;
    rule_changes(rule, days_date(floor_div(utc_s + rule->standard_s, DAY)).year, &begins, &ends);
    bool north = begins < ends;
    bool inside = north ? utc_s >= begins && utc_s < ends : utc_s >= begins || utc_s < ends;
    return inside ? rule->dst_s : rule->standard_s;
}

/* How many transitions lie at or before that second. */
static size_t passed(const struct zone *zone, int64_t utc_s)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->at[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t zone_offset_s(const struct zone *zone, int64_t utc_ms)
{
    if (!zone)
        return 0;
    int64_t utc_s = floor_div(utc_ms, 1000);
    size_t count = passed(zone, utc_s);
    if (count == zone->count && zone->rule.set)
        return rule_offset(&zone->rule, utc_s);
    return count > 0 ? zone->offset[count - 1] : zone->first;
}

/* The next change behind that second; NEVER = none comes. */
#define NEVER (INT64_MAX / 1000)
static int64_t next_change(const struct zone *zone, int64_t utc_s)
{
    int64_t next = NEVER;
    size_t count = passed(zone, utc_s);
    if (count < zone->count)
        return zone->at[count] < NEVER ? zone->at[count] : NEVER;
    if (!zone->rule.has_dst)
        return NEVER;
    int year = days_date(floor_div(utc_s, DAY)).year;
    for (int i = -1; i <= 1; i++) { /* 31 December there may be 1 January here */
        int64_t change[2];
        rule_changes(&zone->rule, year + i, &change[0], &change[1]);
        for (int k = 0; k < 2; k++)
            if (change[k] > utc_s && change[k] < next)
                next = change[k];
    }
    return next;
}

int64_t zone_local(const struct zone *zone, int64_t utc_ms)
{
    return utc_ms + zone_offset_s(zone, utc_ms) * 1000;
}

/* The earliest instant at which the clock there shows this time or a later one: the time itself
 * where it exists, its first coming where there are two, the end of the gap where there is none. */
int64_t zone_utc(const struct zone *zone, int64_t local_ms)
{
    if (!zone)
        return local_ms;
    for (int64_t from = local_ms - MOST_OFFSET * 1000LL;;) {
        int64_t shown = local_ms - zone_offset_s(zone, from) * 1000;
        int64_t utc = shown > from ? shown : from;
        int64_t change = next_change(zone, floor_div(from, 1000)) * 1000;
        if (utc < change)
            return utc;
        from = change;
    }
}

void zone_date(const struct zone *zone, int64_t utc_ms, char out[static 11])
{
    struct date date = days_date(floor_div(zone_local(zone, utc_ms), DAY_MS));
    char text[48];
    snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
    memcpy(out, text, 10);
    out[10] = 0;
}

/* ---- which rules these are ---- */

bool zone_data(struct zone_data *out)
{
    OWN_TEXT char *path = mem_printf("%s/tzdata.zi", folder());
    struct stat about;
    *out = (struct zone_data){0};
    FILE *file = fopen(path, "re");
    bool ok = file && fscanf(file, "# version %15s", out->version) == 1 &&
              fstat(fileno(file), &about) == 0;
    if (file)
        fclose(file);
    if (ok)
        out->released_ms = (int64_t)about.st_mtim.tv_sec * 1000;
    return ok;
}

bool zone_data_old(const struct zone_data *data, int64_t now_ms)
{
    return now_ms - data->released_ms > 548 * DAY_MS; /* 18 months */
}
