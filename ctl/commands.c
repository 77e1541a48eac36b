/* commands.c - the table of commands and flags, and the help made of it. */
#include "commands.h"

#include <stddef.h>
#include <string.h>

#include "model/operations.h"

/* clang-format off */
const struct command COMMANDS[] = {
    {"apply", "", 0, 0, TAKES_FILE, command_apply,
     "Sets up companies, credentials, shops and entries as a YAML file says; prints what changed.\n"
     "The same file again changes nothing. ${NAME} in it is taken from the environment.",
     "apply -f company.yaml"},
    {"sync all", "SHOP...", 1, CTL_MAX_ARGS, TAKES_INTERRUPT, command_sync_all,
     "Runs all that keeps these shops' master data in step, in this order: customers, products, inventory, images,\n"
     "prices, companies, catalog prices. Each shop goes by its own toggle: its runs' numbers at once, or each run\n"
     "until its end. Orders, shipments and payouts have entries of their own, and are left to them.",
     "sync all MAIN\nsync all MAIN POS"},
    {"sync", "OPERATION", 1, 1,
     TAKES_SHOP | TAKES_FOLLOW | TAKES_DETACH | TAKES_LOOSE | TAKES_INTERRUPT,
     command_sync,
     "Runs an operation now. Where the shop runs syncs in the background (the default), prints the\n"
     "run's number and returns; else waits, shows what it waits for, then progress, then counts or\n"
     "the error. Ctrl-C asks whether the run goes on or is cancelled. OPERATION is a name, its first part or a report number.",
     "sync orders --shop MAIN --process\n"
     "sync 30104 --shop MAIN --tags '<>*[wholesale]*' --follow\n"
     "sync orders --shop MAIN --notify ops\n"
     "sync orders --help"},
    {"init", "", 0, 0, TAKES_PRODUCER, command_init,
     "Creates the data set of an environment that has never been, and the witness that remembers it; on one that\n"
     "is there already it changes nothing. It asks no API: it starts cartage-producer, which takes its settings\n"
     "from the environment, or as flags. After a loss of Redis it refuses: that is adopt's.",
     "init\ninit --redis 127.0.0.1:6379 --env prod"},
    {"adopt", "", 0, 0, TAKES_PRODUCER, command_adopt,
     "Says that this Redis is the one to go on with, be it a copy, an old backup or an empty one. Stop every\n"
     "producer and worker first. It asks no API: it starts cartage-producer, which takes its settings from the\n"
     "environment, or as flags, and writes the new witness. Then start them again, and rebuild.",
     "adopt\nadopt --redis 127.0.0.1:6379 --env prod"},
    {"rebuild", "", 0, 0, TAKES_SHOP, command_rebuild,
     "Restores links and watermarks from both peers after a loss of Redis: each entry that reads or links runs\n"
     "once, in the order of the work, and what needs a person is told at the end. What stands is linked and never\n"
     "made again; what is missing is made as always, once calls from before the loss can no longer come (8.5 minutes).",
     "rebuild\nrebuild --shop MAIN"},
    {"connect", "shopify|bc", 1, 1, TAKES_CONNECT, command_connect,
     "Checks the way to a store, or to a company of Business Central, before anything is stored: address, token,\n"
     "scopes, API version; company, access level, permissions. It changes nothing there. What no flag says is asked\n"
     "for at the terminal; it ends with the piece for the apply file, and with --save (or a yes) it is stored. A\n"
     "secret is named by the variable or file where workers find it, or typed, and is sealed then.",
     "connect shopify --store my-store.myshopify.com --credential shopify-main --client-id 0123 --secret-env SHOPIFY_SECRET\n"
     "connect bc --bc-tenant contoso.onmicrosoft.com --credential bc-main --client-id 1111 --secret-file /run/secrets/bc"},
    {"webhooks list", "", 0, 0, TAKES_SHOP, command_webhooks_list,
     "Asks each store, and Business Central, which changes it tells of by itself, compared with those it should.\n"
     "Changes nothing. Exit code 1 where something is missing.",
     "webhooks list\nwebhooks list --shop MAIN"},
    {"webhooks check", "", 0, 0, TAKES_SHOP, command_webhooks_check,
     "Compares what each store, and Business Central, tells of by itself with what it should, and mends it: what is\n"
     "missing is registered, what is wrong removed. Producers do the same every six hours, and after a change of the\n"
     "company's public_address.",
     "webhooks check\nwebhooks check --shop MAIN"},
    {"webhooks register", "", 0, 0, TAKES_SHOP, command_webhooks_check,
     "Registers all webhooks that are missing; another word for webhooks check.",
     "webhooks register --shop MAIN"},
    {"doctor", "", 0, 0, TAKES_PROBE, command_doctor,
     "Checks what cartage stands on: Redis, brokers, clocks, workers, credentials, entries; of the peers what was seen\n"
     "last: tokens, scopes, versions, permissions, access levels. Says what to do about each that is not well. Exit\n"
     "code 1 where something is bad.",
     "doctor\ndoctor --probe"},
    {"operations", "", 0, 0, 0, command_operations,
     "Lists the operations and the flags each takes.",
     "operations\noperations --json"},
    {"manual", "[PAGE]", 0, 1, 0, command_manual,
     "Prints a manual page, made of the tables that parse: cartage, cartage-producer, cartage-worker,\n"
     "cartage.yaml.", "manual | man -l -\nmanual cartage.yaml | man -l -"},
    {"completion", "bash|zsh|fish", 1, 1, 0, command_completion,
     "Prints a script that completes commands, flags and operations in this shell.",
     "completion bash > /etc/bash_completion.d/cartage\ncompletion fish > ~/.config/fish/completions/cartage.fish"},
    {"company list", "", 0, 0, 0, command_company_list, "Lists the companies.", "company list"},
    {"company show", "COMPANY", 1, 1, 0, command_company_show,
     "Shows every setting of a company, by GUID or name.", "company show CRONUS"},
    {"credential list", "", 0, 0, 0, command_credential_list,
     "Lists the credentials: their names and kinds; nobody reads a secret.", "credential list"},
    {"store list", "", 0, 0, TAKES_SHOP, command_store_list,
     "Lists what is left of the budget of each Shopify store, what comes back a second, who waits for it, and what\n"
     "the latest hour has used.", "store list\nstore list --shop MAIN"},
    {"freshness", "", 0, 0, TAKES_SHOP, command_freshness,
     "Lists how long changes in one system took to arrive in the other, by shop and kind, in this hour and the one before,\n"
     "and how many took longer than the shop's freshness_target_s.", "freshness\nfreshness --shop MAIN"},
    {"shop list", "", 0, 0, 0, command_shop_list, "Lists the shops.", "shop list"},
    {"shop show", "SHOP", 1, 1, 0, command_shop_show, "Shows every setting of a shop.",
     "shop show MAIN"},
    {"shop times", "SHOP", 1, 1, 0, command_shop_times,
     "Shows up to when the records of a shop are read, and where the next sync begins.", "shop times MAIN"},
    {"shop set", "SHOP SETTING=VALUE...", 2, CTL_MAX_ARGS, 0, command_shop_set,
     "Changes single settings of a shop. Of a setting that is a map, SETTING.KEY=VALUE changes one row and\n"
     "SETTING.KEY= takes it away; SETTING={...} gives all of it as JSON.",
     "shop set MAIN default_customer=WEB\nshop set MAIN allow_writes=false background=false\n"
     "shop set MAIN shipment_accounts.Express=6620"},
    {"setting list", "[GROUP|TEXT]", 0, 1, 0, command_setting_list,
     "Lists the settings of a shop, with what each is when left out. TEXT stands in a name or title.",
     "setting list\nsetting list refunds"},
    {"setting explain", "SETTING", 1, 1, 0, command_setting_explain,
     "Explains one setting: what it does on either value, what it needs, what it contradicts.",
     "setting explain auto_create_customers"},
    {"shop enable", "SHOP", 1, 1, 0, command_shop_enable, "Lets the tasks of a shop run.",
     "shop enable MAIN"},
    {"shop disable", "SHOP", 1, 1, 0, command_shop_disable, "Stops every call to the shop's store.",
     "shop disable MAIN"},
    {"entry list", "[TEXT]", 0, 1, TAKES_SHOP | TAKES_FILTERS, command_entry_list,
     "Lists the entries of the job queue: status, next run, last result. TEXT looks for words of the\n"
     "description or the operation.",
     "entry list\nentry list nightly --shop MAIN\n"
     "entry list --status error --category SHPFY --operation orders.sync"},
    {"entry show", "ENTRY", 1, 1, 0, command_entry_show,
     "Shows one entry. ENTRY is its id, or the name it was applied with.", "entry show orders"},
    {"entry add", "OPERATION", 1, 1, TAKES_SHOP | TAKES_ENTRY | TAKES_LOOSE, command_entry_add,
     "Adds an entry. With --every or --formula it recurs, else it runs once. With --name the same call again\n"
     "changes the entry instead of adding another.",
     "entry add orders.sync --shop MAIN --every \"5 minutes\" --name orders\n"
     "entry add shipments.sync --shop MAIN --every \"15 minutes\" --days mon-fri --window 08:00-18:00\n"
     "entry add orders.process --shop MAIN --formula 1M+CM --at-time 06:00 --zone Europe/London\n"
     "entry add 30104 --shop MAIN --at 2027-01-01T06:00:00Z"},
    {"entry preview", "OPERATION", 1, 1, TAKES_SHOP | TAKES_ENTRY | TAKES_LOOSE, command_entry_preview,
     "Says when an entry of these flags would run, the next ten times, and adds nothing.",
     "entry preview orders.sync --shop MAIN --every 1h --days mon-fri --window 08:00-18:00"},
    {"entry matches", "OPERATION|ENTRY", 1, 1, TAKES_SHOP | TAKES_LOOSE, command_entry_matches,
     "Counts the records that these filters let in now, or those of an entry as it stands, and names some.\n"
     "Nothing runs and no peer is asked; what a peer has to be asked about is not counted, and said so.",
     "entry matches orders.process --shop MAIN --tags '<>*[wholesale]*'\nentry matches \"process orders\""},
    {"entry edit", "ENTRY", 1, 1, TAKES_SHOP | TAKES_ENTRY | TAKES_LOOSE, command_entry_edit,
     "Changes what these flags say of an entry, and leaves the rest as it is; a run of it goes on.",
     "entry edit orders --every \"10 minutes\"\nentry edit orders --formula 1D+CM --at-time 06:00"},
    {"entry hold", "ENTRY", 1, 1, TAKES_STOP, command_entry_hold,
     "Takes an entry out of the queue until it is made ready. A running task goes on, unless\n"
     "--stop.",
     "entry hold orders\nentry hold orders --stop"},
    {"entry ready", "ENTRY", 1, 1, 0, command_entry_ready, "Puts an entry back into the queue.",
     "entry ready orders"},
    {"entry run", "ENTRY", 1, 1, TAKES_FOLLOW, command_entry_run,
     "Runs an entry once, now, beside its schedule: a one-off of the same category. An entry on hold\n"
     "stays on hold.",
     "entry run orders --follow"},
    {"entry restart", "ENTRY", 1, 1, 0, command_entry_restart,
     "Runs an entry now; one that runs already, once more afterwards.", "entry restart orders"},
    {"entry delete", "ENTRY", 1, 1, 0, command_entry_delete,
     "Deletes an entry; a running task of it ends first.", "entry delete orders"},
    {"entry set", "ENTRY", 1, 1, TAKES_PRIORITY, command_entry_set,
     "Changes the priority of an entry, also of one that waits (not of one that runs), or its category.",
     "entry set orders --priority high\nentry set orders --category SHPFY"},
    {"warnings", "", 0, 0, 0, command_warnings,
     "Lists entries in different categories that change the same records, the setting that makes them collide,\n"
     "and the commands that end it.",
     "warnings"},
    {"category list", "", 0, 0, 0, command_category_list,
     "Lists the categories: entries of one run one at a time, or as many as it has permits.",
     "category list"},
    {"category show", "CATEGORY", 1, 1, 0, command_category_show,
     "Shows a category and the runs that hold its permits. - is the entries without one.",
     "category show SHPFY"},
    {"category set", "CATEGORY SETTING=VALUE...", 2, CTL_MAX_ARGS, 0, command_category_set,
     "Changes a category: permits (1 to 100) is how many run at once; order bounded (a later entry\n"
     "passes an earlier one by its priority, by 30 minutes at most) or strict (by priority, then age).",
     "category set SHPFY order=strict\ncategory set POST permits=2"},
    {"category pause", "CATEGORY", 1, 1, 0, command_category_pause,
     "Lets nothing of a category begin; what runs goes on.", "category pause SHPFY"},
    {"category resume", "CATEGORY", 1, 1, 0, command_category_resume,
     "Ends the pause of a category.", "category resume SHPFY"},
    {"order show", "ORDER", 1, 1, TAKES_SHOP, command_order_show,
     "Tells the life of an order in both systems, and the one thing it waits for. ORDER is its name, with or\n"
     "without #, its number at Shopify, an e-mail address or the number of a document; several are listed.",
     "order show '#1001'\norder show ann@example.com\norder show S-ORD101005 --json"},
    {"order sync", "ORDER...", 0, CTL_MAX_ARGS, TAKES_SHOP | TAKES_FROM | TAKES_TO | TAKES_PROCESS,
     command_order_sync,
     "Reads exactly these orders again, archived ones too, and those that no filter lets in; waits for the\n"
     "end. With --from or --to all that were placed or changed in that time. One that was never seen is looked\n"
     "for in the store of --shop.",
     "order sync '#1001' '#1002' --process\norder sync --shop MAIN --from 2027-01-01 --to 2027-01-31"},
    {"order resolve", "ORDER", 1, 1, TAKES_SHOP, command_order_resolve,
     "Its document says what Shopify says now: this change of the order is dealt with, and leaves the cue.",
     "order resolve '#1001'"},
    {"order unlink", "ORDER", 1, 1, TAKES_SHOP | TAKES_YES, command_order_unlink,
     "Takes its document away from an order, which is unprocessed then; the document itself stays as it is. Do\n"
     "it after the document was deleted in Business Central: one that stands is found again by the next run.",
     "order unlink '#1001' --yes"},
    {"shipment retry", "NUMBER", 1, 1, TAKES_SHOP, command_shipment_retry,
     "Has a posted shipment told to Shopify again that failed, or had nothing to ship: the next run of\n"
     "shipments.sync takes it.",
     "shipment retry 102031"},
    {"shipment done", "NUMBER", 1, 1, TAKES_SHOP, command_shipment_done,
     "There is nothing to tell Shopify of a posted shipment that failed or waits: it was told by hand, or is\n"
     "another service's business. It leaves the cue; retry takes it back.",
     "shipment done 102031"},
    {"reset sync", "SHOP WHAT", 2, 2, TAKES_TO | TAKES_YES, command_reset_sync,
     "Lets the next sync begin at another time, and says first how much it would read. WHAT is orders or\n"
     "shipments; without --yes nothing changes. It stands in the log (kind reset).",
     "reset sync MAIN orders --to 2027-01-01T00:00:00Z\nreset sync MAIN orders --to 2027-01-01T00:00:00Z --yes"},
    {"run list", "", 0, 0, TAKES_FOLLOW | TAKES_LIMIT | TAKES_OPEN, command_run_list,
     "Lists runs, newest first; with --follow prints each as it starts and ends, until Ctrl-C.",
     "run list --limit 20\nrun list --open\nrun list --follow"},
    {"run show", "RUN", 1, 1, TAKES_FOLLOW, command_run_show,
     "Shows one run by number or task id; with --follow until it ends (exit code 0 if well).",
     "run show 12 --follow"},
    {"run cancel", "RUN", 1, 1, TAKES_FOLLOW, command_run_cancel, "Cancels a run, running or not.",
     "run cancel 12 --follow"},
    {"run plan", "RUN", 1, 1, 0, command_run_plan,
     "Shows what a run would do that waits for approval: what and how many, with the biggest rows.",
     "run plan 12"},
    {"run approve", "RUN", 1, 1, 0, command_run_approve,
     "Lets a run go on that waits because it would do too much: with exactly the plan that it shows.\n"
     "Another plan waits again.",
     "run approve 12"},
    {"why", "RUN|ENTRY", 1, 1, 0, command_why,
     "Says the one thing a run or an entry waits for, and the command that helps.", "why 12\nwhy orders"},
    {"post preview", "OPERATION|ENTRY", 1, 1, TAKES_SHOP | TAKES_LOOSE, command_post_preview,
     "Lists what would be posted and posts nothing: by an entry of the job queue as it stands, or by\n"
     "an operation with these flags. Each Shopify order stands beside its document.",
     "post preview sales-orders.post --post-when paid\n"
     "post preview sales-orders.post --all --filter-posting-date ..today\n"
     "post preview \"post orders\""},
    {"post list", "[STATE|TEXT]", 0, 1, TAKES_SHOP | TAKES_LIMIT, command_post_list,
     "Lists what was posted, what was not and why, newest first. STATE is posted, partly, skipped or\n"
     "failed; TEXT an order's name or id, or the number of a document, an invoice or a shipment.",
     "post list failed\npost list '#1001'\npost list 103001"},
    {"post", "ORDER...", 1, CTL_MAX_ARGS, TAKES_SHOP, command_post,
     "Names orders for posting, by name, id or number of the document: entries with post_when manual\n"
     "take them, what was refused is tried again at once, and entries that post are woken.",
     "post '#1001' '#1002'"},
    {"balance", "", 0, 0, TAKES_SHOP | TAKES_BALANCE | TAKES_FROM | TAKES_TO, command_balance,
     "Compares the books of a shop: what was sold and given back on these days with what is posted, and\n"
     "the payouts issued then with their lines. Whatever does not agree is named, one record a row. Days\n"
     "begin where the company is; yesterday unless told otherwise. --csv has every line of the payouts.",
     "balance --shop MAIN --day 2027-01-31\nbalance --shop MAIN --from 2027-01-01 --to 2027-01-31 --csv"},
    {"dispute list", "", 0, 0, TAKES_SHOP | TAKES_LIMIT | TAKES_OPEN, command_dispute_list,
     "Lists disputes, open ones first, by when their evidence is due, with the days that are left.",
     "dispute list --shop MAIN\ndispute list --open"},
    {"log", "", 0, 0, TAKES_LOG | TAKES_LIMIT, command_log,
     "Shows the log of a company: each attempt that ended, and what did not run as planned: slots\n"
     "skipped, runs deferred, entries expired, held or failed, workers lost. It keeps 30 days.",
     "log --entry orders --since 1d\nlog --kind skip --limit 200\nlog --entry orders --traces"},
    {"audit", "", 0, 0, TAKES_AUDIT | TAKES_LIMIT, command_audit,
     "Tells who changed what, when and from where, newest last: each change made by API, page or command line,\n"
     "with what stood before and what stands now. It keeps 20,000 changes, 400 days at most.",
     "audit --since \"2 hours\"\naudit --record \"shop MAIN\" --route PATCH\n"
     "audit --who ann --since 2027-01-01T00:00:00Z --until 2027-02-01T00:00:00Z --limit 200"},
    {"me", "", 0, 0, 0, command_me, "Says whose token this is, and its role.", "me"},
    {"token list", "", 0, 0, 0, command_token_list,
     "Lists who may use the API: names, roles, who made them, when they were last used.", "token list"},
    {"token add", "NAME", 1, 1, TAKES_ROLE, command_token_add,
     "Makes a token for a person or a program and prints it, this once: only a hash of it is kept.\n"
     "view sees everything; operate also runs the queue, maps and resolves; admin also sets up\n"
     "companies, credentials, shops and tokens.",
     "token add ann --role operate\ntoken add monitoring --role view > monitoring.token"},
    {"token withdraw", "NAME", 1, 1, 0, command_token_withdraw,
     "Withdraws a token: it is refused from now on.", "token withdraw ann"},
    {"cues", "", 0, 0, TAKES_SHOP, command_cues,
     "Counts what needs a person, and names the command that cures it.", "cues\ncues --shop MAIN"},
    {"cue show", "CUE [TEXT]", 1, 2, TAKES_SHOP | TAKES_REASON | TAKES_AFTER | TAKES_LIMIT, command_cue_show,
     "Lists what a cue counts, by reason, newest first, each with the command that cures it. TEXT looks for a\n"
     "number, an e-mail address, words of a title or name. left_alone lists what needs nobody.",
     "cue show unmapped_products\ncue show unprocessed_orders --reason gift-card --shop MAIN\ncue show skipped_records '#1032'"},
    {"cue cure", "CUE ACTION [NUMBER]", 2, 3, TAKES_SHOP | TAKES_REASON, command_cue_cure,
     "Does to all records of one reason what its list offers: map (to NUMBER), resolve, accept, restart, retry,\n"
     "done or post. One that is refused stops no other.",
     "cue cure shipment_errors retry --reason fulfillment-refused\n"
     "cue cure unmapped_customers map --reason no-customer --shop MAIN 10000"},
    {"threshold list", "", 0, 0, 0, command_threshold_list,
     "Shows from which counts on each cue is yellow, and red, and who has said so.", "threshold list"},
    {"threshold set", "CUE YELLOW [RED]", 2, 3, 0, command_threshold_set,
     "From which counts on a cue is yellow, and red: for whoever calls, with --company for all who have set\n"
     "nothing themselves.",
     "threshold set unprocessed_orders 3 20\nthreshold set unmapped_products 1 2 --company \"CRONUS AG\""},
    {"threshold reset", "CUE", 1, 1, 0, command_threshold_reset,
     "Takes back what was set of a cue.", "threshold reset unprocessed_orders"},
    {"unmapped", "products|customers|companies", 1, 1, TAKES_SHOP, command_unmapped,
     "Lists Shopify's records without a partner in Business Central, what each blocks, and who it might be: as\n"
     "`cartage sync unmapped.suggest` found it last, with what the two have alike. A question mark: others fit, too.",
     "unmapped products"},
    {"titles", "", 0, 0, TAKES_SHOP, command_titles,
     "Lists shipping titles, payment gateways and terms that orders have named and no code of Business Central\n"
     "is set for, with the setting that takes them and the latest order. Such an order's document has no code.",
     "titles --shop MAIN"},
    {"map", "product|customer|company ID NUMBER", 3, 3, TAKES_SHOP, command_map,
     "Maps a product to an item, or a customer or company to a customer of Business Central, by its number.",
     "map product 8100000000010 1896-S\nmap customer 7300000000001 10000\nmap company 2100000001 20000"},
    {"unmap", "product|customer|company ID", 2, 2, TAKES_SHOP, command_unmap, "Takes a mapping back.",
     "unmap product 8100000000010"},
    {"forget", "customer ID", 2, 2, 0, command_forget,
     "Erases what is kept of a customer of Shopify's, by his number there: names, addresses, links, skips. His orders keep\n"
     "what they were worth. He is not read, linked or added again. Business Central and Shopify are left as they are.",
     "forget customer 7300000000001"},
    {"data requests", "", 0, 0, 0, command_data_requests,
     "Lists the files that Shopify's data requests of customers have produced; each stays 60 days.",
     "data requests"},
    {"data", "customer|request ID", 2, 2, 0, command_data,
     "Prints all that is kept of a customer of Shopify's, by his number there, or the file of a data request: one JSON document.",
     "data customer 7300000000001 > customer.json\ndata request 9999 > customer.json"},
    {"skips done", "RECORD|REASON", 1, 1, TAKES_SHOP, command_skips_done,
     "A person has booked these by hand: they leave the cue, until the order changes. RECORD is the\n"
     "order's name or id, REASON takes all of one reason.",
     "skips done '#1032'\nskips done gift-card --shop MAIN"},
    {"skips", "", 0, 0, TAKES_SHOP, command_skips,
     "Lists records left alone, each with its reason.",
     "skips --shop MAIN"},
    {0},
};
/* clang-format on */

#define AT(field) offsetof(struct ctl, field)
/* clang-format off */
const struct flag FLAGS[] = {
    {"--file",       "FILE",     TAKES_FILE,   AT(file),
     "YAML file to apply (-f; - = standard input)"},
    {"--shop",       "SHOP",     TAKES_SHOP,   AT(shop),
     "code of the shop"},
    {"--store", "STORE", TAKES_CONNECT, AT(store),
     "name.myshopify.com"},
    {"--api-version", "VERSION", TAKES_CONNECT, AT(api_version),
     "of Shopify's API: 2026-10"},
    {"--code", "SHOP", TAKES_CONNECT, AT(code),
     "of the shop that is stored (default from its store's name)"},
    {"--origin", "URL", TAKES_CONNECT, AT(origin),
     "another address than the store's"},
    {"--bc-tenant", "TENANT", TAKES_CONNECT, AT(bc_tenant),
     "GUID or domain in Entra"},
    {"--bc-environment", "NAME", TAKES_CONNECT, AT(bc_environment),
     "Production unless told otherwise"},
    {"--bc-company", "GUID", TAKES_CONNECT, AT(bc_company),
     "of Business Central; without it they are listed"},
    {"--bc-instance", "NAME", TAKES_CONNECT, AT(bc_instance),
     "a server of one's own: its instance"},
    {"--bc-origin", "URL", TAKES_CONNECT, AT(bc_origin),
     "address of Business Central, where it is not Microsoft's cloud"},
    {"--bc-login", "URL", TAKES_CONNECT, AT(bc_login),
     "who gives out tokens, where it is not Microsoft"},
    {"--client-id", "ID", TAKES_CONNECT, AT(client_id),
     "of the app; with --bc-instance the user"},
    {"--secret-env", "VARIABLE", TAKES_CONNECT, AT(secret_env),
     "of the workers' environment, which holds the secret"},
    {"--secret-file", "FILE", TAKES_CONNECT, AT(secret_file),
     "of the workers' machines, which holds the secret"},
    {"--save", NULL, TAKES_CONNECT, AT(save),
     "store what was checked"},
    {"--probe",      NULL,       TAKES_PROBE,  AT(probe),
     "ask the peers first"},
    {"--follow",     NULL,       TAKES_FOLLOW, AT(follow),
     "wait for the end and show progress"},
    {"--detach",     NULL,       TAKES_DETACH, AT(detach),
     "do not wait, also where the shop says so"},
    {"--process",    NULL,       TAKES_DETACH | TAKES_PROCESS, AT(process),
     "sync orders: then make their sales documents (orders.process)"},
    {"--from",       "TIME",     TAKES_FROM,   AT(from),
     "a day, 2027-01-31, or an instant, 2027-01-31T06:00:00Z"},
    {"--to",         "TIME",     TAKES_TO,     AT(to),
     "the same; of a day its end"},
    {"--day",        "DAY",      TAKES_BALANCE, AT(day),
     "the day that is meant, 2027-01-31"},
    {"--csv",        NULL,       TAKES_BALANCE, AT(csv),
     "as a table for a spreadsheet, with every line"},
    {"--yes",        NULL,       TAKES_YES,    AT(yes),
     "do it, after what it would do was seen"},
    {"--on-interrupt", "WORD",   TAKES_INTERRUPT, AT(on_interrupt),
     "Ctrl-C while it is waited for: goes-on or cancel (default: asks)"},
    {"--notify",     "TARGET",   TAKES_DETACH | TAKES_ENTRY | TAKES_INTERRUPT, AT(notify),
     "tell this target of the company when the run has ended"},
    {"--stop",       NULL,       TAKES_STOP,   AT(stop),
     "cancel the task that runs now"},
    {"--reason",     "REASON",   TAKES_REASON, AT(reason),
     "only records of this reason"},
    {"--after",      "TEXT",     TAKES_AFTER,  AT(after),
     "go on behind the page that said this"},
    {"--limit",      "N",        TAKES_LIMIT,  AT(limit),
     "most to list (default 50)"},
    {"--entry",      "ENTRY",    TAKES_LOG,    AT(entry),
     "only of this entry: its id, or the name it was applied with"},
    {"--kind",       "KIND",     TAKES_LOG,    AT(kind),
     "attempt, lost, dropped, skip, defer, expire, hold, fail, anomaly, notice or reset"},
    {"--since",      "TIME",     TAKES_LOG | TAKES_AUDIT, AT(since),
     "only from then on: \"2 hours\", 1d, 2027-01-01T06:00:00Z"},
    {"--traces",     NULL,       TAKES_LOG,    AT(traces),
     "with the last calls of attempts that failed"},
    {"--who",        "NAME",     TAKES_AUDIT,  AT(who),
     "only of this token"},
    {"--record",     "TEXT",     TAKES_AUDIT,  AT(record),
     "only of records whose name holds this: \"shop MAIN\", entry"},
    {"--until",      "TIME",     TAKES_AUDIT,  AT(until),
     "only until then, said like --since"},
    {"--route",      "TEXT",     TAKES_AUDIT,  AT(route),
     "only by routes that hold this: PATCH, /v1/shops"},
    {"--open",       NULL,       TAKES_OPEN,   AT(open),
     "only those that have not ended"},
    {"--status",     "STATUS",   TAKES_FILTERS, AT(status),
     "only of this status: ready, \"in process\", error, \"on hold\", waiting"},
    {"--operation",  "NAME",     TAKES_FILTERS, AT(operation),
     "only of this operation, orders.sync"},
    {"--role",       "ROLE",     TAKES_ROLE,   AT(role),
     "view, operate or admin"},
    {"--name",       "NAME",     TAKES_ENTRY,  AT(name),
     "name of the entry, one of its kind in the company"},
    {"--every",      "TIME",     TAKES_ENTRY,  AT(every),
     "\"5 minutes\", 1h, 1d: time between two runs"},
    {"--at",         "TIME",     TAKES_ENTRY,  AT(at),
     "first or only time, like 2027-01-01T06:00:00Z (default now)"},
    {"--days",       "DAYS",     TAKES_ENTRY,  AT(days),
     "weekdays on which it runs: mon-fri, or mon,wed"},
    {"--window",     "WINDOW",   TAKES_ENTRY,  AT(window),
     "hours in which it runs: 08:00-18:00, 22:00-02:00"},
    {"--formula",    "FORMULA",  TAKES_ENTRY,  AT(formula),
     "instead of --every: a date formula, 1M or 1D+CM"},
    {"--at-time",    "TIME",     TAKES_ENTRY,  AT(at_time),
     "time of day of a formula: 06:00"},
    {"--zone",       "ZONE",     TAKES_ENTRY,  AT(zone),
     "zone of these times: Europe/London (default the company's)"},
    {"--catch-up",   "POLICY",   TAKES_ENTRY,  AT(catch_up),
     "missed runs: skip (one, late), none, all"},
    {"--grace",      "TIME",     TAKES_ENTRY,  AT(grace),
     "with --catch-up none: how late a run may begin"},
    {"--expires",    "TIME",     TAKES_ENTRY,  AT(expires),
     "nothing begins from then on; 2027-01-01T06:00:00Z"},
    {"--mode",       "MODE",     TAKES_ENTRY,  AT(mode),
     "slot, or bc: times as Business Central has them"},
    {"--max-backlog", "N",       TAKES_ENTRY,  AT(backlog),
     "with --catch-up all: the latest so many (default 100)"},
    {"--idle",       "TIME",     TAKES_ENTRY,  AT(idle),
     "rest after a run that found nothing to do"},
    {"--run-at-start", NULL,     TAKES_ENTRY,  AT(run_at_start),
     "added or made ready, it runs at once, then at its times"},
    {"--manual",     NULL,       TAKES_ENTRY,  AT(manual),
     "no time is its own: events wake it, people start it"},
    {"--max-retry",  "N",        TAKES_ENTRY,  AT(retries),
     "retries of one run (default 5)"},
    {"--retry",      "TIME",     TAKES_ENTRY,  AT(retry),
     "pause before a retry, beside the growing one"},
    {"--on-exhausted", "WORD",   TAKES_ENTRY,  AT(exhausted),
     "after the last retry: resume (at its next time) or stop"},
    {"--backoff",    "WORD",     TAKES_ENTRY,  AT(backoff),
     "growing pause before a retry: exp, or bc as Business Central"},
    {"--credential", "NAME",     TAKES_ENTRY | TAKES_CONNECT,  AT(credential),
     "stored under this name; of an entry, instead of the company's"},
    {"--lang",       "LANGUAGE", TAKES_ENTRY,  AT(lang),
     "of Business Central's messages: de-DE (default English)"},
    {"--timeout",    "TIME",     TAKES_ENTRY,  AT(timeout),
     "longest time of one run (default 12 hours)"},
    {"--category",   "CATEGORY", TAKES_ENTRY | TAKES_PRIORITY | TAKES_FILTERS,  AT(category),
     "entries of one category never overlap"},
    {"--priority",   "WORD",     TAKES_ENTRY | TAKES_PRIORITY, AT(priority),
     "high, normal or low (default the operation's)"},
    {"--on-hold",    NULL,       TAKES_ENTRY,  AT(hold),
     "add it without letting it run"},
    {"--company",    "COMPANY",  0,            AT(company),
     "GUID or name; needed where there are several"},
    {"--json",       NULL,       0,            AT(json),
     "one JSON document on standard output"},
    {"--url",        "URL",      0,            AT(url),
     "the producer's HTTP API (CARTAGE_URL)"},
    {"--token-file", "FILE",     0,            AT(token_file),
     "holds the API's token (CARTAGE_TOKEN_FILE)"},
    {"--ca-file",    "FILE",     0,            AT(ca_file),
     "certificate that the API's is trusted by, PEM, beside the usual (CARTAGE_CA_FILE)"},
    {"--help",       NULL,       0,            AT(help),
     "explain; behind a command, that command"},
    {"--version",    NULL,       0,            AT(version),
     "print the version"},
    {0},
};
/* clang-format on */

static void print_lines(FILE *out, const char *before, const char *text)
{
    while (*text) {
        size_t size = strcspn(text, "\n");
        fprintf(out, "%s%.*s\n", before, (int)size, text);
        text += size + (text[size] == '\n');
    }
}

static void print_flags(FILE *out, unsigned of)
{
    for (const struct flag *flag = FLAGS; flag->name; flag++) {
        if (of ? !(flag->of & of) : flag->of)
            continue;
        char left[40];
        snprintf(left, sizeof left, "%s %s", flag->name, flag->takes ? flag->takes : "");
        fprintf(out, "  %-22s %s\n", left, flag->help);
    }
}

/* What its help says first, on one line: a sentence that goes on ends at its last comma. */
static int summary_size(const char *help)
{
    size_t size = strcspn(help, ".;:\n");
    if (help[size] != '\n')
        return (int)size;
    for (size_t i = size; i > 0; i--)
        if (help[i - 1] == ',')
            return (int)i - 1;
    return (int)size;
}

void help_all(FILE *out)
{
    fputs("usage: cartage COMMAND [FLAG...]\n\n"
          "Keeps Business Central and Shopify in step; this is the people's side of the fleet.\n\n",
          out);
    for (const struct command *command = COMMANDS; command->words; command++) {
        char left[48];
        snprintf(left, sizeof left, "%s %s", command->words, command->takes);
        fprintf(out, "  %-34s %.*s\n", left, summary_size(command->help), command->help);
    }
    fputs("\nEvery command takes\n", out);
    print_flags(out, 0);
    fputs("\nStart like this\n"
          "  export CARTAGE_URL=http://127.0.0.1:8710 CARTAGE_TOKEN_FILE=token\n"
          "  cartage apply -f company.yaml      # companies, shops and entries from one file\n"
          "  cartage sync orders --shop MAIN    # or wait for the entry\n"
          "  cartage cues                       # what needs a person, and the cure\n\n"
          "Exit codes: 0 ok, 1 failed, 2 wrong use, 3 not reachable, 4 refused (token), 5 not "
          "found,\n"
          "6 not possible in its present state, 130 left by Ctrl-C.\n",
          out);
}

void help_command(FILE *out, const struct command *command)
{
    fprintf(out, "usage: cartage %s%s%s [FLAG...]\n\n", command->words, *command->takes ? " " : "",
            command->takes);
    fprintf(out, "%s\n\n", command->help);
    if (command->flags & ~(unsigned)(TAKES_LOOSE | TAKES_PRODUCER))
        print_flags(out, command->flags);
    print_flags(out, 0);
    if (command->flags & TAKES_LOOSE)
        fprintf(out, "\nFlags of an operation: cartage %s orders.sync --help\n", command->words);
    if (command->flags & TAKES_PRODUCER)
        fprintf(out, "\nFlags of the producer: cartage-producer --help\n");
    fputs("\nExamples\n", out);
    print_lines(out, "  cartage ", command->example);
}
