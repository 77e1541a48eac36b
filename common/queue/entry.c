/* entry.c - the table of legal moves; the scripts are checked against it. */
#include "queue/entry.h"

#include <assert.h>
#include <string.h>

/* What is not a row here is refused. */
/* clang-format off */
const struct move MOVES[] = {
    {STATUS_READY,      SUB_DUE,     ON_PLAN,      STATUS_READY,      SUB_DUE    },
    {STATUS_INACTIVE,   SUB_DUE,     ON_PLAN,      STATUS_INACTIVE,   SUB_DUE    },

    {STATUS_READY,      SUB_DUE,     ON_FIRE,      STATUS_WAITING,    SUB_GATED  },
    {STATUS_INACTIVE,   SUB_DUE,     ON_FIRE,      STATUS_WAITING,    SUB_GATED  },

    {STATUS_READY,      SUB_DUE,     ON_FAIL,      STATUS_ERROR,      SUB_REST   },
    {STATUS_INACTIVE,   SUB_DUE,     ON_FAIL,      STATUS_ERROR,      SUB_REST   },

    {STATUS_READY,      SUB_DUE,     ON_EXPIRE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_INACTIVE,   SUB_DUE,     ON_EXPIRE,    STATUS_FINISHED,   SUB_GONE   },

    {STATUS_WAITING,    SUB_GATED,   ON_GRANT,     STATUS_READY,      SUB_GRANTED},

    {STATUS_WAITING,    SUB_GATED,   ON_LATE,      STATUS_READY,      SUB_DUE    },
    {STATUS_READY,      SUB_GRANTED, ON_LATE,      STATUS_READY,      SUB_DUE    },

    {STATUS_READY,      SUB_GRANTED, ON_CLAIM,     STATUS_IN_PROCESS, SUB_RUNNING},

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_FINISH,    STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_FINISH,    STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_IDLE,      STATUS_INACTIVE,   SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_IDLE,      STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_RETRY,     STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_RETRY,     STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_PARK,      STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_PARK,      STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_APPROVAL,  STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_APPROVAL,  STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_EXHAUSTED, STATUS_ERROR,      SUB_REST   },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_EXHAUSTED, STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_LOST,      STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_LOST,      STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_IN_PROCESS, SUB_RUNNING, ON_END,       STATUS_FINISHED,   SUB_GONE   },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_END,       STATUS_FINISHED,   SUB_GONE   },

    /* a running one goes on, and is judged by its fence */
    {STATUS_READY,      SUB_DUE,     ON_HOLD,      STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_INACTIVE,   SUB_DUE,     ON_HOLD,      STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_WAITING,    SUB_GATED,   ON_HOLD,      STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_READY,      SUB_GRANTED, ON_HOLD,      STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_ERROR,      SUB_REST,    ON_HOLD,      STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_ON_HOLD,    SUB_REST,    ON_HOLD,      STATUS_ON_HOLD,    SUB_REST   },
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_HOLD,      STATUS_ON_HOLD,    SUB_RUNNING},
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_HOLD,      STATUS_ON_HOLD,    SUB_RUNNING},

    /* asked again, it stays where it is */
    {STATUS_ERROR,      SUB_REST,    ON_READY,     STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_REST,    ON_READY,     STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_READY,     STATUS_IN_PROCESS, SUB_RUNNING},
    {STATUS_READY,      SUB_DUE,     ON_READY,     STATUS_READY,      SUB_DUE    },
    {STATUS_INACTIVE,   SUB_DUE,     ON_READY,     STATUS_INACTIVE,   SUB_DUE    },
    {STATUS_WAITING,    SUB_GATED,   ON_READY,     STATUS_WAITING,    SUB_GATED  },
    {STATUS_READY,      SUB_GRANTED, ON_READY,     STATUS_READY,      SUB_GRANTED},
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_READY,     STATUS_IN_PROCESS, SUB_RUNNING},

    {STATUS_READY,      SUB_DUE,     ON_RESTART,   STATUS_READY,      SUB_DUE    },
    {STATUS_INACTIVE,   SUB_DUE,     ON_RESTART,   STATUS_READY,      SUB_DUE    },
    {STATUS_WAITING,    SUB_GATED,   ON_RESTART,   STATUS_READY,      SUB_DUE    },
    {STATUS_READY,      SUB_GRANTED, ON_RESTART,   STATUS_READY,      SUB_DUE    },
    {STATUS_ERROR,      SUB_REST,    ON_RESTART,   STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_REST,    ON_RESTART,   STATUS_READY,      SUB_DUE    },
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_RESTART,   STATUS_IN_PROCESS, SUB_RUNNING},
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_RESTART,   STATUS_IN_PROCESS, SUB_RUNNING},

    /* gated and granted: covered; running: once more, afterwards */
    {STATUS_READY,      SUB_DUE,     ON_WAKE,      STATUS_READY,      SUB_DUE    },
    {STATUS_INACTIVE,   SUB_DUE,     ON_WAKE,      STATUS_READY,      SUB_DUE    },
    {STATUS_WAITING,    SUB_GATED,   ON_WAKE,      STATUS_WAITING,    SUB_GATED  },
    {STATUS_READY,      SUB_GRANTED, ON_WAKE,      STATUS_READY,      SUB_GRANTED},
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_WAKE,      STATUS_IN_PROCESS, SUB_RUNNING},

    /* of the task at hand: a held entry has one when its plan waits for a person */
    {STATUS_READY,      SUB_DUE,     ON_CANCEL,    STATUS_READY,      SUB_DUE    },
    {STATUS_WAITING,    SUB_GATED,   ON_CANCEL,    STATUS_READY,      SUB_DUE    },
    {STATUS_READY,      SUB_GRANTED, ON_CANCEL,    STATUS_READY,      SUB_DUE    },
    {STATUS_ON_HOLD,    SUB_REST,    ON_CANCEL,    STATUS_READY,      SUB_DUE    },
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_CANCEL,    STATUS_IN_PROCESS, SUB_RUNNING},
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_CANCEL,    STATUS_ON_HOLD,    SUB_RUNNING},

    {STATUS_READY,      SUB_DUE,     ON_DROP,      STATUS_FINISHED,   SUB_GONE   },
    {STATUS_WAITING,    SUB_GATED,   ON_DROP,      STATUS_FINISHED,   SUB_GONE   },
    {STATUS_READY,      SUB_GRANTED, ON_DROP,      STATUS_FINISHED,   SUB_GONE   },
    {STATUS_ON_HOLD,    SUB_REST,    ON_DROP,      STATUS_FINISHED,   SUB_GONE   },
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_DROP,      STATUS_IN_PROCESS, SUB_RUNNING},
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_DROP,      STATUS_ON_HOLD,    SUB_RUNNING},

    {STATUS_READY,      SUB_DUE,     ON_EDIT,      STATUS_READY,      SUB_DUE    },
    {STATUS_INACTIVE,   SUB_DUE,     ON_EDIT,      STATUS_READY,      SUB_DUE    },
    {STATUS_WAITING,    SUB_GATED,   ON_EDIT,      STATUS_READY,      SUB_DUE    },
    {STATUS_READY,      SUB_GRANTED, ON_EDIT,      STATUS_READY,      SUB_DUE    },
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_EDIT,      STATUS_IN_PROCESS, SUB_RUNNING},
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_EDIT,      STATUS_ON_HOLD,    SUB_RUNNING},
    {STATUS_ERROR,      SUB_REST,    ON_EDIT,      STATUS_ERROR,      SUB_REST   },
    {STATUS_ON_HOLD,    SUB_REST,    ON_EDIT,      STATUS_ON_HOLD,    SUB_REST   },

    /* not of one that runs */
    {STATUS_READY,      SUB_DUE,     ON_PRIORITY,  STATUS_READY,      SUB_DUE    },
    {STATUS_INACTIVE,   SUB_DUE,     ON_PRIORITY,  STATUS_INACTIVE,   SUB_DUE    },
    {STATUS_WAITING,    SUB_GATED,   ON_PRIORITY,  STATUS_WAITING,    SUB_GATED  },
    {STATUS_READY,      SUB_GRANTED, ON_PRIORITY,  STATUS_READY,      SUB_GRANTED},
    {STATUS_ERROR,      SUB_REST,    ON_PRIORITY,  STATUS_ERROR,      SUB_REST   },
    {STATUS_ON_HOLD,    SUB_REST,    ON_PRIORITY,  STATUS_ON_HOLD,    SUB_REST   },

    {STATUS_READY,      SUB_DUE,     ON_DELETE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_INACTIVE,   SUB_DUE,     ON_DELETE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_WAITING,    SUB_GATED,   ON_DELETE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_READY,      SUB_GRANTED, ON_DELETE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_ERROR,      SUB_REST,    ON_DELETE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_ON_HOLD,    SUB_REST,    ON_DELETE,    STATUS_FINISHED,   SUB_GONE   },
    {STATUS_IN_PROCESS, SUB_RUNNING, ON_DELETE,    STATUS_IN_PROCESS, SUB_RUNNING},
    {STATUS_ON_HOLD,    SUB_RUNNING, ON_DELETE,    STATUS_ON_HOLD,    SUB_RUNNING},
};
/* clang-format on */
const size_t MOVE_COUNT = COUNT(MOVES);

/* A pause and a look of the audit move nobody; but there must be such a place. */
static bool exists(enum entry_status status, enum entry_sub sub)
{
    for (size_t i = 0; i < COUNT(MOVES); i++)
        if (MOVES[i].status == status && MOVES[i].sub == sub)
            return true;
    return false;
}

bool entry_move(enum entry_status status, enum entry_sub sub, enum entry_event on,
                enum entry_status *to_status, enum entry_sub *to_sub)
{
    for (size_t i = 0; i < COUNT(MOVES); i++) {
        if (MOVES[i].status == status && MOVES[i].sub == sub && MOVES[i].on == on) {
            *to_status = MOVES[i].to_status;
            *to_sub = MOVES[i].to_sub;
            return true;
        }
    }
    *to_status = status;
    *to_sub = sub;
    return (on == ON_PAUSE || on == ON_AUDIT) && exists(status, sub);
}

const char *entry_event_name(enum entry_event on)
{
    static const char *const NAMES[] = {
        "plan",   "fire",     "fail",   "expire",  "grant",    "late",      "claim",
        "finish", "idle",     "retry",  "park",    "approval", "exhausted", "lost",
        "end",    "hold",     "ready",  "restart", "wake",     "cancel",    "drop",
        "edit",   "priority", "delete", "pause",   "audit"};
    static_assert(COUNT(NAMES) == ENTRY_EVENTS, "each event has a name");
    assert((size_t)on < COUNT(NAMES));
    return NAMES[on];
}

const char *entry_sub_name(enum entry_sub sub)
{
    static const char *const NAMES[] = {"due", "gated", "granted", "running", "rest", "gone"};
    assert((size_t)sub < COUNT(NAMES));
    return NAMES[sub];
}

const char *entry_status_name(enum entry_status status)
{
    static const char *const NAMES[] = {
        "Ready",   "In Process", "Error", "On Hold", "Finished", "On Hold with Inactivity Timeout",
        "Waiting",
    };
    assert((size_t)status < COUNT(NAMES));
    return NAMES[status];
}

static const struct {
    enum priority priority;
    const char *name;
} PRIORITIES[] = {
    {PRIORITY_HIGH,   "high"  },
    {PRIORITY_NORMAL, "normal"},
    {PRIORITY_LOW,    "low"   },
};

const char *priority_name(enum priority priority)
{
    for (size_t i = 0; i < COUNT(PRIORITIES); i++)
        if (PRIORITIES[i].priority == priority)
            return PRIORITIES[i].name;
    return "normal";
}

bool priority_parse(const char *name, enum priority *out)
{
    for (size_t i = 0; i < COUNT(PRIORITIES); i++) {
        if (strcmp(PRIORITIES[i].name, name) == 0) {
            *out = PRIORITIES[i].priority;
            return true;
        }
    }
    return false;
}

static const char *const SCHEDULES[] = {"at", "every", "formula", "manual"};
static const char *const CATCH_UPS[] = {"skip", "none", "all"};

const char *schedule_name(enum schedule_kind kind)
{
    assert((size_t)kind < COUNT(SCHEDULES));
    return SCHEDULES[kind];
}

enum schedule_kind schedule_parse(const char *name)
{
    for (size_t i = 0; i < COUNT(SCHEDULES); i++)
        if (strcmp(SCHEDULES[i], name) == 0)
            return (enum schedule_kind)i;
    return SCHEDULE_AT;
}

const char *catch_up_name(enum catch_up policy)
{
    assert((size_t)policy < COUNT(CATCH_UPS));
    return CATCH_UPS[policy];
}

bool catch_up_parse(const char *name, enum catch_up *out)
{
    for (size_t i = 0; i < COUNT(CATCH_UPS); i++) {
        if (strcmp(CATCH_UPS[i], name) == 0) {
            *out = (enum catch_up)i;
            return true;
        }
    }
    return false;
}

const char *entry_zone(const struct entry *entry)
{
    const char *own = entry->definition.zone;
    if (own && *own)
        return own;
    return entry->company_zone ? entry->company_zone : "";
}

bool definition_slots(const struct entry_definition *definition, const struct zone *zone,
                      struct formula *formula, struct slots *out, struct err *err)
{
    *out = (struct slots){.anchor_ms = definition->start_ms,
                          .period_ms = definition->every_ms,
                          .zone = zone,
                          .days = definition->days,
                          .from_ms = definition->from_ms,
                          .to_ms = definition->to_ms};
    if (definition->schedule != SCHEDULE_FORMULA)
        return true;
    if (!formula_parse(definition->formula ? definition->formula : "", formula, err))
        return false;
    out->formula = formula;
    return true;
}
