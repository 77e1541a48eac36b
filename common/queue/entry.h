/* entry.h - an entry of the job queue: its definition, its state, its legal moves. Pure.
 * Numbers of enum entry_status are Business Central's (job-queue.md 4).
 */
#ifndef CARTAGE_ENTRY_H
#define CARTAGE_ENTRY_H

#include "base/err.h"
#include "base/ids.h"
#include "calendar/slots.h"

enum entry_status {
    STATUS_READY = 0,
    STATUS_IN_PROCESS = 1,
    STATUS_ERROR = 2,
    STATUS_ON_HOLD = 3,
    STATUS_FINISHED = 4,
    STATUS_INACTIVE = 5,
    STATUS_WAITING = 6,
};
/* Where it stands; SUB_GONE = it exists no more. */
enum entry_sub { SUB_DUE, SUB_GATED, SUB_GRANTED, SUB_RUNNING, SUB_REST, SUB_GONE };
enum priority { PRIORITY_HIGH = 1000, PRIORITY_NORMAL = 2000, PRIORITY_LOW = 3000 };
enum schedule_kind {
    SCHEDULE_AT,
    SCHEDULE_EVERY,
    SCHEDULE_FORMULA,
    SCHEDULE_MANUAL, /* no time is its own: events wake it, people start it */
};
#define ENTRY_NEVER_MS 4102444800000LL /* 2100: when an entry without times is looked at next */
/* What becomes of slots that nobody could run in time (job-queue.md 22). */
enum catch_up {
    CATCH_UP_SKIP, /* the latest runs late, the ones before it are skipped */
    CATCH_UP_NONE, /* later than `grace_ms`: skipped as well */
    CATCH_UP_ALL,  /* each runs, in order; at most `max_backlog` of them */
};
enum { MAX_BACKLOG_DEFAULT = 100, MAX_BACKLOG_MOST = 1000 };

struct entry_definition {
    char id[UUID_TEXT]; /* "" = a random one */
    char company[UUID_TEXT];
    char category[64]; /* upper case; "" = none */
    char operation[64];
    const char *arguments; /* JSON object text, canonical */
    const char *description;
    const char *coalesce_key; /* NULL = none */
    const char *run_as;       /* who asked: token name */
    const char *notify;       /* AT: who is told of its end (model/notify.h); NULL = nobody */
    enum schedule_kind schedule;
    int64_t start_ms;       /* AT: when (0 = now); EVERY: first slot (0 = now) */
    int64_t every_ms;       /* EVERY */
    unsigned days;          /* EVERY: weekdays, bit 0 = Monday; 0 = any */
    int64_t from_ms, to_ms; /* EVERY: daily window, to 0 = none; FORMULA: time of day */
    const char *formula;    /* FORMULA: as calendar/formula.h reads it; NULL = none */
    const char *zone;       /* IANA name; NULL or "" = the company's */
    enum catch_up catch_up;
    int64_t grace_ms;
    int max_backlog; /* 0 = MAX_BACKLOG_DEFAULT */
    bool bc;         /* times as Business Central would have them (calendar/bc.h) */
    int64_t idle_ms; /* rest after a run that found nothing to do; 0 = none */
    enum priority priority;
    int max_retry;          /* -1 = default 5 */
    int64_t retry_ms;       /* base delay */
    bool backoff_bc;        /* beside it the delays of Business Central (job-queue.md 9.1) */
    const char *credential; /* for Business Central instead of the company's; NULL = none */
    const char *lang;       /* of Business Central's messages, "de-DE"; NULL = English */
    int64_t timeout_ms;     /* 0 = 12 h */
    int64_t expires_ms;     /* 0 = never */
    bool stop_on_exhausted; /* default false: resumes at its next slot */
    bool foreground;        /* toggle off: ephemeral, High, no retries */
    bool on_hold;           /* created resting */
    bool run_at_start; /* EVERY, FORMULA: added or made ready, it runs at once, then by its slots */
    int kind;          /* enum ticket_kind of its tickets */
};

struct entry { /* what the tick sees */
    struct entry_definition definition;
    enum entry_status status;
    enum entry_sub sub;
    uint64_t epoch, rev;
    int64_t slot_ms, last_slot_ms, due_ms;
    bool planned;     /* slot_ms is set; false = FINISH left it "to be planned" */
    bool begun;       /* waits for another attempt */
    bool resumed;     /* parked or lost: it has started, so no window and no expiry holds it back; a
                         retry is a new start */
    bool named;       /* its task has an id that people know: the slot stays */
    bool woken;       /* its slot is off the calendar: an event asked for it */
    bool manual;      /* a person did, and does not ask the window */
    int64_t ended_ms; /* to be planned: when the last run ended; 0 = there was none */
    const char *company_zone; /* where the company is; NULL or "" = UTC */
    const struct zone *zone; /* that of the entry, else of the company, opened by the caller; NULL =
                                UTC */
};
/* The name of the zone in which its slots lie; "" = UTC. */
const char *entry_zone(const struct entry *entry);

/* What the tick decided for one due entry (queue/decide.c); FIRE carries it out if rev and due
 * still hold. */
enum decision_kind { DECIDE_NEXT, DECIDE_SKIP, DECIDE_EXPIRE, DECIDE_RUN, DECIDE_FAIL };
struct decision {
    enum decision_kind kind;
    int64_t slot_ms;                        /* RUN: this slot; NEXT and SKIP: the next one */
    int64_t due_ms;                         /* NEXT and SKIP */
    int64_t until_ms;                       /* RUN: start no later than; 0 = no bound */
    int64_t skipped_from_ms, skipped_to_ms; /* slots that do not run, 0 = none */
    bool caught_up;                         /* RUN: later slots have passed, too */
    const char *why;                        /* SKIP and FAIL: for people */
};
struct decision queue_decide(const struct entry *entry, int64_t now_ms);

/* What may happen to an entry. */
enum entry_event {
    /* by a producer */
    ON_PLAN, /* its next slot is set */
    ON_FIRE,
    ON_FAIL, /* its schedule names no further time */
    ON_EXPIRE,
    ON_GRANT,
    ON_LATE, /* its time to begin has passed while it waited */
    /* by a worker, or for one that is lost */
    ON_CLAIM,
    ON_FINISH,
    ON_IDLE,
    ON_RETRY,
    ON_PARK,
    ON_APPROVAL, /* a park that only a person ends */
    ON_EXHAUSTED,
    ON_LOST,
    ON_END, /* nothing follows: a one-off has ended well, or its entry was deleted meanwhile */
    /* by people and triggers */
    ON_HOLD,
    ON_READY,
    ON_RESTART,
    ON_WAKE,
    ON_CANCEL,
    ON_DROP, /* a cancel of a one-off */
    ON_EDIT, /* of what runs, or when */
    ON_PRIORITY,
    ON_DELETE,
    /* these leave every entry where it is */
    ON_PAUSE, /* of its category */
    ON_AUDIT,
    ENTRY_EVENTS,
};
struct move {
    enum entry_status status;
    enum entry_sub sub;
    enum entry_event on;
    enum entry_status to_status;
    enum entry_sub to_sub;
};
extern const struct move MOVES[];
extern const size_t MOVE_COUNT;
/* The table of legal moves; false = refused (and the refusal is recorded). */
bool entry_move(enum entry_status status, enum entry_sub sub, enum entry_event on,
                enum entry_status *to_status, enum entry_sub *to_sub);
const char *entry_event_name(enum entry_event on); /* "plan", "fire", ... */
const char *entry_sub_name(enum entry_sub sub);    /* "due", ... as in the ledger */

const char *entry_status_name(enum entry_status status); /* "Ready", "In Process", ... */
const char *schedule_name(enum schedule_kind kind);      /* "at", "every", "formula", "manual" */
enum schedule_kind schedule_parse(const char *name);     /* of the ledger; unknown = AT */
const char *catch_up_name(enum catch_up policy);         /* "skip", "none", "all" */
MUST_USE bool catch_up_parse(const char *name, enum catch_up *out);
/* The calendar of a definition; `formula` receives its formula and outlives *out. ERR_FATAL, code
 * 400, when the formula is none. */
MUST_USE bool definition_slots(const struct entry_definition *definition, const struct zone *zone,
                               struct formula *formula, struct slots *out, struct err *err);
const char *priority_name(enum priority priority); /* "high", "normal", "low" */
MUST_USE bool priority_parse(const char *name, enum priority *out);

#endif
