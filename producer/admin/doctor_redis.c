/* doctor_redis.c - whether this Redis keeps what it acknowledges, and has room for it.
 *
 * Redis is where cartage decides, so a claim or a note that it forgets may run a task twice
 * (docs/architecture.md). What a managed Redis does not tell is a warning, not a verdict.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/doctor.h"

enum { MEGABYTE = 1 << 20, FULL_WARN = 80, FULL_BAD = 95, VERSION_LEAST = 7 };

struct seen {
    struct doctor *doctor;
    char *info;    /* the answer to INFO */
    char cli[400]; /* "redis-cli -h HOST -p PORT", and how it gets in */
    char fsync[32];
    bool told; /* CONFIG was answered */
};

/* A line of INFO; "" = there is none. */
static void info(const struct seen *seen, const char *name, char out[static 64])
{
    size_t size = strlen(name);
    out[0] = 0;
    for (const char *line = seen->info; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, size) == 0 && line[size] == ':') {
            snprintf(out, 64, "%.*s", (int)strcspn(line + size + 1, "\r\n"), line + size + 1);
            return;
        }
        if (!*line)
            return;
    }
}

static int64_t info_number(const struct seen *seen, const char *name)
{
    char text[64];
    info(seen, name, text);
    return strtoll(text, NULL, 10);
}

/* The address may hold a password: only its host and port are shown. */
static void cli_of(const struct ledger_config *config, char out[static 400])
{
    const char *address = config->redis;
    const char *at = strrchr(address, '@'), *scheme = strstr(address, "://");
    const char *host = at ? at + 1 : scheme ? scheme + 3 : address;
    size_t all = strcspn(host, "/");
    const char *colon = memrchr(host, ':', all);
    size_t size = colon ? (size_t)(colon - host) : all;
    int port = colon ? atoi(colon + 1) : 6379;
    size_t used = (size_t)snprintf(out, 400, "redis-cli -h %.*s -p %d", (int)size, host, port);
    if (!config->access)
        return;
    if (*config->access->user && used < 400)
        used +=
            (size_t)snprintf(out + used, 400 - used, " --user %s --askpass", config->access->user);
    if (*config->access->ca_file && used < 400)
        snprintf(out + used, 400 - used, " --tls --cacert %s", config->access->ca_file);
}

static bool setting(struct seen *seen, const char *name, char out[static 32])
{
    OWN_REPLY redisReply *reply = NULL;
    struct err err = {0};
    out[0] = 0;
    if (!redis_commandf(ledger_redis(seen->doctor->ledger), &reply, &err, "CONFIG GET %s", name) ||
        reply->type != REDIS_REPLY_ARRAY || reply->elements < 2)
        return false;
    snprintf(out, 32, "%s", reply->element[1]->str);
    return true;
}

static void durability(struct seen *seen)
{
    static const char CODE[] = "redis.durability";
    bool appends = info_number(seen, "aof_enabled") == 1;
    const char *how = !appends ? "no" : seen->told ? seen->fsync : "unknown";
    json *row;
    if (appends && strcmp(how, "always") == 0)
        row = doctor_add(seen->doctor, CODE, CHECK_OK,
                         "Redis writes to disk before it answers (appendfsync always)");
    else if (strcmp(how, "unknown") == 0)
        row = doctor_add(seen->doctor, CODE, CHECK_WARN,
                         "Redis appends to disk, but does not tell how often (CONFIG is refused)");
    else if (strcmp(how, "everysec") == 0)
        row = doctor_add(seen->doctor, CODE, CHECK_WARN,
                         "Redis writes to disk once a second (appendfsync everysec): a crash loses "
                         "up to a second of claims and links, and a task may start twice");
    else
        row = doctor_add(seen->doctor, CODE, CHECK_BAD,
                         "Redis keeps nothing for certain (%s): a crash loses claims, links and "
                         "entries",
                         appends ? "appendfsync no" : "appendonly no");
    json_set_text(doctor_values(row), "appendonly", appends ? "yes" : "no");
    json_set_text(doctor_values(row), "appendfsync", how);
    if (strcmp(json_text(row, "state"), "ok") == 0)
        return;
    if (strcmp(how, "unknown") == 0) {
        doctor_case(row, "unknown");
        doctor_advise(row, "Let the user that cartage logs in as look (ACL SETUSER NAME "
                           "+config|get). Where whoever runs this Redis allows it to nobody, see "
                           "there that appendonly is yes and appendfsync always.");
        return;
    }
    doctor_advise(row, "Set appendonly yes and appendfsync always, here and in redis.conf, so that "
                       "it stays after a restart of Redis.");
    if (!seen->told)
        return;
    doctor_command(row, "Append to disk", "%s config set appendonly yes", seen->cli);
    doctor_command(row, "Before each answer", "%s config set appendfsync always", seen->cli);
}

static void disk(struct seen *seen)
{
    char write[64], rewrite[64];
    info(seen, "aof_last_write_status", write);
    info(seen, "aof_last_bgrewrite_status", rewrite);
    bool good = strcmp(write, "err") != 0 && strcmp(rewrite, "err") != 0;
    json *row = good ? doctor_add(seen->doctor, "redis.disk", CHECK_OK,
                                  "Redis can write its file of appended commands")
                     : doctor_add(seen->doctor, "redis.disk", CHECK_BAD,
                                  "Redis could not %s its file of appended commands: its disk is "
                                  "full, or the folder is gone or not its own",
                                  strcmp(write, "err") == 0 ? "write" : "rewrite");
    json_set_text(doctor_values(row), "write", write);
    json_set_text(doctor_values(row), "rewrite", rewrite);
    if (good)
        return;
    doctor_advise(row,
                  "Give the folder that `%s config get dir` names room and its owner back, "
                  "then let Redis rewrite the file.",
                  seen->cli);
    doctor_command(row, "Rewrite the file", "%s bgrewriteaof", seen->cli);
}

static void policy(struct seen *seen)
{
    static const char CODE[] = "redis.policy";
    char text[64];
    info(seen, "maxmemory_policy", text);
    bool good = strcmp(text, "noeviction") == 0;
    json *row = good ? doctor_add(seen->doctor, CODE, CHECK_OK,
                                  "Redis throws nothing away when it is full (noeviction)")
                     : doctor_add(seen->doctor, CODE, CHECK_BAD,
                                  "Redis throws keys away when it is full (maxmemory-policy %s): "
                                  "entries, links and permits would vanish",
                                  text);
    json_set_text(doctor_values(row), "policy", text);
    if (good)
        return;
    doctor_advise(row, "Set maxmemory-policy noeviction, here and in redis.conf.");
    doctor_command(row, "Keep everything", "%s config set maxmemory-policy noeviction", seen->cli);
}

static void memory(struct seen *seen)
{
    static const char CODE[] = "redis.memory";
    int64_t used = info_number(seen, "used_memory"), most = info_number(seen, "maxmemory");
    bool limited = most > 0;
    if (!limited)
        most = info_number(seen, "total_system_memory");
    int64_t percent = most > 0 ? used * 100 / most : 0;
    enum check_state state = percent >= FULL_BAD    ? CHECK_BAD
                             : percent >= FULL_WARN ? CHECK_WARN
                                                    : CHECK_OK;
    json *row = doctor_add(
        seen->doctor, CODE, state, "Redis uses %" PRId64 " of %" PRId64 " MB (%" PRId64 " %%)%s",
        used / MEGABYTE, most / MEGABYTE, percent, limited ? "" : ", all memory of its machine");
    json_set_int(doctor_values(row), "used_mb", used / MEGABYTE);
    json_set_int(doctor_values(row), "most_mb", most / MEGABYTE);
    json_set_int(doctor_values(row), "percent", percent);
    if (state == CHECK_OK)
        return;
    int64_t want = used / MEGABYTE * 2 + 64;
    doctor_advise(row,
                  "Give Redis more memory: %" PRId64 " MB leave half of it free. A full Redis "
                  "refuses what is new; what runs can still end.",
                  want);
    if (seen->told && limited)
        doctor_command(row, "More memory", "%s config set maxmemory %" PRId64 "mb", seen->cli,
                       want);
}

static void version(struct seen *seen)
{
    char text[64];
    info(seen, "redis_version", text);
    bool good = atoi(text) >= VERSION_LEAST;
    json *row = doctor_add(seen->doctor, "redis.version", good ? CHECK_OK : CHECK_BAD,
                           "Redis is of version %s%s", text,
                           good ? "" : "; cartage's scripts need 7.0 or later");
    json_set_text(doctor_values(row), "version", text);
    if (!good)
        doctor_advise(row,
                      "Replace it by Redis 7.0 or later; it reads the files of the older one.");
}

void doctor_redis(struct doctor *doctor)
{
    struct seen seen = {.doctor = doctor};
    OWN_REPLY redisReply *reply = NULL;
    struct err err = {0};
    if (!redis_commandf(ledger_redis(doctor->ledger), &reply, &err, "INFO")) {
        doctor_unseen(doctor, "redis", &err);
        return;
    }
    seen.info = reply->str;
    cli_of(&doctor->config->ledger, seen.cli);
    seen.told = setting(&seen, "appendfsync", seen.fsync);
    version(&seen);
    durability(&seen);
    disk(&seen);
    policy(&seen);
    memory(&seen);
}
