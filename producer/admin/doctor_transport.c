/* doctor_transport.c - whether what leaves this machine for Redis and Kafka travels in the clear.
 *
 * Entries, orders and customers are in it, and a password that is sent in the clear is anybody's.
 * Each producer speaks of its own connections; workers take the same settings.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/doctor.h"
#include "bus/bus.h"

static bool stays_here(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "localhost", 9) == 0 ||
           strncmp(host, "[::1]", 5) == 0;
}

static void tell(struct doctor *doctor, const char *code, bool secret, bool here, const char *what,
                 const char *advice)
{
    const char *how = secret ? "TLS" : here ? "loopback" : "plain";
    json *row = doctor_add(doctor, code, secret || here ? CHECK_OK : CHECK_WARN,
                           secret ? "%s is spoken to over TLS"
                           : here ? "%s is on this machine: nothing leaves it"
                                  : "%s is on another machine, and all that is said to it, also a "
                                    "password, can be read on the way",
                           what);
    json_set_text(doctor_values(row), "how", how);
    doctor_case(row, here && !secret ? "here" : "");
    if (!secret && !here)
        doctor_advise(row, "%s", advice);
}

static void redis(struct doctor *doctor)
{
    static const char CODE[] = "redis.transport";
    const char *address = doctor->config->ledger.redis, *scheme = strstr(address, "://");
    const char *at = strrchr(address, '@');
    tell(doctor, CODE, strncmp(address, "rediss://", 9) == 0,
         stays_here(at       ? at + 1
                    : scheme ? scheme + 3
                             : address),
         "Redis",
         "Give Redis a tls-port, set --redis (CARTAGE_REDIS) of producers and workers to "
         "rediss://HOST:PORT and --redis-ca-file to who signed its certificate, and restart them "
         "(docs/operations.md). On a network that nobody else is on this is no danger.");
}

static bool all_here(const char *servers)
{
    for (const char *at = servers; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (!stays_here(at))
            return false;
    }
    return true;
}

static void brokers(struct doctor *doctor)
{
    static const char CODE[] = "brokers.transport";
    const struct bus_config *bus = doctor->config->bus;
    bool secret = false;
    for (size_t i = 0; i < bus->option_count; i++)
        secret = secret || (strcmp(bus->options[i].name, "security.protocol") == 0 &&
                            strcasestr(bus->options[i].value, "ssl"));
    tell(doctor, CODE, secret, all_here(bus->servers), "Kafka",
         "Give Kafka a listener of SASL_SSL, set --kafka to it, --kafka-security-protocol sasl_ssl "
         "and what goes with it on producers and workers, and restart them (docs/operations.md). "
         "On a network that nobody else is on this is no danger.");
}

void doctor_transport(struct doctor *doctor)
{
    redis(doctor);
    if (doctor->config->bus) /* NULL = an API by itself, in a test */
        brokers(doctor);
}
