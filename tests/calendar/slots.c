/* slots.c - answers questions about the calendar, a line each; zones.py asks them.
 *
 *   slots ZONE PERIOD DAYS FROM TO FORMULA ANCHOR AFTER UNTIL   -> the slots behind AFTER, up to
 * UNTIL back ZONE PERIOD DAYS FROM TO FORMULA ANCHOR AT UNTIL       -> the last slot at or before
 * AT bc ZONE PERIOD DAYS FROM TO FORMULA ANCHOR FINISHED UNTIL   -> Business Central's next run
 *   formula TEXT DAY                                            -> the day, or "none"
 *
 * Times are milliseconds, days count from 1970, FORMULA is "-" where there is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar/bc.h"
#include "calendar/zones.h"

static struct zones *ZONES;

static int wrong(const char *line, const struct err *err)
{
    fprintf(stderr, "slots: %s: %s\n", line, err->text);
    return 1;
}

static int answer_formula(const char *line)
{
    char text[64];
    struct formula formula;
    struct err err = {.text = "want: formula TEXT DAY"};
    int64_t day, to;
    if (sscanf(line, "formula %63s %" SCNd64, text, &day) != 2 ||
        !formula_parse(text, &formula, &err))
        return wrong(line, &err);
    if (formula_apply(&formula, day, &to))
        printf("%" PRId64 "\n", to);
    else
        printf("none\n");
    return 0;
}

static int answer_slots(const char *line)
{
    char what[8], zone[65], text[64];
    struct formula formula;
    struct slots slots = {0};
    struct err err = {.text = "want: WHAT ZONE PERIOD DAYS FROM TO FORMULA ANCHOR AFTER UNTIL"};
    int64_t after, until;
    if (sscanf(line,
               "%7s %64s %" SCNd64 " %u %" SCNd64 " %" SCNd64 " %63s %" SCNd64 " %" SCNd64
               " %" SCNd64,
               what, zone, &slots.period_ms, &slots.days, &slots.from_ms, &slots.to_ms, text,
               &slots.anchor_ms, &after, &until) != 10 ||
        !zones_get(ZONES, zone, &slots.zone, &err))
        return wrong(line, &err);
    if (strcmp(text, "-") != 0) {
        if (!formula_parse(text, &formula, &err))
            return wrong(line, &err);
        slots.formula = &formula;
    }
    if (strcmp(what, "bc") == 0) {
        printf("%" PRId64, bc_next(&slots, after, 0));
    } else if (strcmp(what, "back") == 0) {
        printf("%" PRId64, slots_last(&slots, after));
    } else {
        for (int64_t at = slots_next(&slots, after); at && at <= until; at = slots_next(&slots, at))
            printf("%" PRId64 " ", at);
    }
    putchar('\n');
    return 0;
}

int main(void)
{
    char line[512];
    int code = 0;
    ZONES = zones_new();
    while (!code && fgets(line, sizeof line, stdin))
        code = strncmp(line, "formula ", 8) == 0 ? answer_formula(line) : answer_slots(line);
    zones_free(ZONES);
    return code;
}
