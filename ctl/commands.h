/* commands.h - the table of commands: one row parses, runs and explains itself. */
#ifndef CARTAGE_CTL_COMMANDS_H
#define CARTAGE_CTL_COMMANDS_H

#include "ctl.h"

enum { /* flags of a row, besides those that every command knows */
       TAKES_FILE = 1 << 0,
       TAKES_SHOP = 1 << 1,
       TAKES_FOLLOW = 1 << 2,
       TAKES_STOP = 1 << 3,
       TAKES_ENTRY = 1 << 4, /* name, category, priority, hold, and when it runs */
       TAKES_DETACH = 1 << 5,
       TAKES_INTERRUPT = 1 << 30, /* may wait for runs */
       TAKES_LIMIT = 1 << 6,
       TAKES_LOOSE = 1 << 7, /* flags of the operation named first */
       TAKES_LOG = 1 << 8,
       TAKES_PRIORITY = 1 << 9,
       TAKES_FROM = 1 << 10,
       TAKES_TO = 1 << 11,
       TAKES_YES = 1 << 12,
       TAKES_PROCESS = 1 << 13,
       TAKES_PRODUCER = 1 << 14, /* flags of cartage-producer */
       TAKES_ROLE = 1 << 15,
       TAKES_AUDIT = 1 << 16,
       TAKES_REASON = 1 << 17,
       TAKES_AFTER = 1 << 18,
       TAKES_PROBE = 1 << 19,
       TAKES_CONNECT = 1 << 20,
       TAKES_BALANCE = 1 << 21,
       TAKES_OPEN = 1 << 22,
       TAKES_FILTERS = 1 << 23, /* of entries */
};

struct command {
    const char *words, *takes; /* "entry hold", "ENTRY" */
    size_t least, most;        /* words behind its own */
    unsigned flags;
    int (*run)(struct ctl *ctl);
    const char *help;
    const char *example; /* one a line, without the leading `cartage ` */
};
extern const struct command COMMANDS[]; /* the last row has no words */

struct flag {
    const char *name;  /* "--every" */
    const char *takes; /* NULL = a switch */
    unsigned of;       /* TAKES_...; 0 = every command */
    size_t offset;     /* in struct ctl */
    const char *help;
};
extern const struct flag FLAGS[]; /* the last row has no name */

void help_all(FILE *out);
void help_command(FILE *out, const struct command *command);

int command_apply(struct ctl *ctl);
int command_balance(struct ctl *ctl);
int command_dispute_list(struct ctl *ctl);
int command_init(struct ctl *ctl);
int command_adopt(struct ctl *ctl);
int command_rebuild(struct ctl *ctl);
int command_sync(struct ctl *ctl);
int command_sync_all(struct ctl *ctl);
int command_shop_list(struct ctl *ctl);
int command_shop_show(struct ctl *ctl);
int command_shop_set(struct ctl *ctl);
int command_setting_list(struct ctl *ctl);
int command_setting_explain(struct ctl *ctl);
int command_shop_enable(struct ctl *ctl);
int command_shop_disable(struct ctl *ctl);
int command_entry_list(struct ctl *ctl);
int command_entry_show(struct ctl *ctl);
int command_entry_add(struct ctl *ctl);
int command_entry_preview(struct ctl *ctl);
int command_entry_matches(struct ctl *ctl);
int command_entry_edit(struct ctl *ctl);
int command_company_list(struct ctl *ctl);
int command_company_show(struct ctl *ctl);
int command_credential_list(struct ctl *ctl);
int command_store_list(struct ctl *ctl);
int command_freshness(struct ctl *ctl);
int command_entry_hold(struct ctl *ctl);
int command_entry_ready(struct ctl *ctl);
int command_entry_restart(struct ctl *ctl);
int command_entry_delete(struct ctl *ctl);
int command_entry_run(struct ctl *ctl);
int command_entry_set(struct ctl *ctl);
int command_warnings(struct ctl *ctl);
void tell_warnings(struct ctl *ctl, const json *warnings); /* on standard error, for people */
int command_category_list(struct ctl *ctl);
int command_category_show(struct ctl *ctl);
int command_category_set(struct ctl *ctl);
int command_category_pause(struct ctl *ctl);
int command_category_resume(struct ctl *ctl);
int command_run_list(struct ctl *ctl);
int command_run_show(struct ctl *ctl);
int command_run_cancel(struct ctl *ctl);
int command_run_plan(struct ctl *ctl);
int command_run_approve(struct ctl *ctl);
int command_why(struct ctl *ctl);
int command_cues(struct ctl *ctl);
int command_cue_show(struct ctl *ctl);
int command_cue_cure(struct ctl *ctl);
int command_threshold_list(struct ctl *ctl);
int command_threshold_set(struct ctl *ctl);
int command_threshold_reset(struct ctl *ctl);
int command_titles(struct ctl *ctl);
int command_forget(struct ctl *ctl);
int command_data(struct ctl *ctl);
int command_data_requests(struct ctl *ctl);
int command_unmapped(struct ctl *ctl);
int command_map(struct ctl *ctl);
int command_unmap(struct ctl *ctl);
int command_skips(struct ctl *ctl);
int command_skips_done(struct ctl *ctl);
int command_post(struct ctl *ctl);
int command_post_list(struct ctl *ctl);
int command_post_preview(struct ctl *ctl);
int command_order_show(struct ctl *ctl);
int command_order_sync(struct ctl *ctl);
int command_order_resolve(struct ctl *ctl);
int command_order_unlink(struct ctl *ctl);
int command_shipment_retry(struct ctl *ctl);
int command_shipment_done(struct ctl *ctl);
int command_shop_times(struct ctl *ctl);
int command_reset_sync(struct ctl *ctl);
int command_audit(struct ctl *ctl);
int command_me(struct ctl *ctl);
int command_token_list(struct ctl *ctl);
int command_token_add(struct ctl *ctl);
int command_token_withdraw(struct ctl *ctl);
int command_log(struct ctl *ctl);
int command_doctor(struct ctl *ctl);
int command_webhooks_list(struct ctl *ctl);
int command_webhooks_check(struct ctl *ctl);
int command_connect(struct ctl *ctl);
int command_operations(struct ctl *ctl);
int command_manual(struct ctl *ctl);
int command_completion(struct ctl *ctl);

#endif
