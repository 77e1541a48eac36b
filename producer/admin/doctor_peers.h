/* doctor_peers.h - from findings at a peer to rows of doctor and of `connect`. */
#ifndef CARTAGE_ADMIN_DOCTOR_PEERS_H
#define CARTAGE_ADMIN_DOCTOR_PEERS_H

#include "admin/doctor.h"
#include "model/settings.h"

struct peer {
    struct doctor *doctor;
    const json *facts;           /* schemas/staging/probe.md */
    const struct shop *settings; /* of a store; NULL for a company */
    const char *company;         /* GUID; "" = not stored yet */
    const char *shop;            /* code; "" = of a company, or not stored yet */
    const char *label;           /* in front of the text: "shop MAIN"; "" = nothing */
    const char *suffix;          /* " --company NAME" where there are several */
    const json *shops;           /* of a company: settings of its shops */
    int64_t now_ms;
};
void doctor_shopify(const struct peer *peer);
void doctor_bc(const struct peer *peer);
/* The clock of a peer, by its Date. */
void peer_clock(const struct peer *peer, const char *who);
/* The action that looks at the peers anew. */
void doctor_ask_again(const struct peer *peer, json *row);

#endif
