/* queue.pml - grant, claim, lease, loss and fence, for every order of steps: two workers, two entries of one category.
 *
 * What is one atomic script in schemas/redis/ is one atomic step here, with the same tests in the same order. Everything
 * between two scripts is up to chance: a worker may die, stand still for as long as it likes and go on, or be cut off from Redis
 * (at most FAULTS of these in a run); a reply may come late or get lost, so that the caller asks again; every ticket that was ever
 * granted may arrive at any worker at any time, any number of times, or never. Retries and priorities are not here: the
 * simulation has them.
 *
 * To keep the search finite: of an attempt's number only one thing matters, whether a ticket is still that of the entry's
 * attempt (`current`); a claim id is one that Redis does not hold. A request and its script are one step, since one that is long on its way only
 * makes the lease longer than the gate knows.
 *
 * Time goes by in thirds of a lease. The lease ends after 3, a reaper gives up after 4 (grace), the gate closes 2
 * after the sending of the last confirmed beat, and a call that passed the gate leaves within 2, unless its
 * worker is stopped just there (what that leaves over is the notes' business: spec, 21).
 *
 * Asserted: one entry of the category runs; a permit is held by exactly those granted or running; no FINISH and no WRITE is accepted
 * of anybody but the latest claim; no call passes the gate, or leaves, once its attempt was lost or another claimed. Under
 * fairness, and where faults end: both entries finish (ltl progress, with -DLIVE).
 *
 * Each M_... breaks one rule on purpose; tests/model/check expects every one of them to be found out.
 */
#ifndef FAULTS
#define FAULTS 2
#endif
#ifndef PARKS
#define PARKS 1
#endif
#define NOISE 1 /* LIVE: stale tickets and lost replies */

#define W 2
#define E 2
#define LEASE 3
#define GAP 2
#ifdef M_GATE_LONG
#define GATE 5
#else
#define GATE 2
#endif
#ifdef M_NO_GRACE
#define GRACE 0
#else
#define GRACE 1
#endif

mtype = {DUE, GATED, GRANTED, RUNNING, FINAL}; /* an entry */
mtype = {IDLE, CLAIM, CLAIMED, READY, PASSED, WRITE, FINISH, ENDED};
/* an executor: next comes a claim, the gate, the call, WRITE, FINISH; CLAIMED and ENDED: the reply is under way */

typedef entry {
    mtype sub;
    bool permit;
    bool begun;         /* an earlier attempt is over: its tickets are still somewhere in Kafka */
    byte fence, closed; /* of the claim that holds it; of the run record: the claim that closed it */
    byte lease;         /* until it may be given up */
    byte holder;        /* what the properties are about: whose claim was the latest and is open, 0 = nobody's */
};
typedef worker {
    mtype step;
    bool beaten; /* a beat was confirmed, its reply is under way */
    byte fence, on;
    bool current; /* its ticket is that of the entry's attempt; once it is not, it never is again */
    byte sent, confirmed; /* since the sending of what is answered, and of the last of which the answer is here */
    byte gap;             /* since the gate was passed */
    bool fenced, stopped, cut, late;
};
entry e[E];
worker w[W];
byte faults, parks, noise;

#define AWAKE(i) (!w[i].stopped)
#define ONLINE(i) (!w[i].stopped && !w[i].cut)
#define WORKS(i) (w[i].step != IDLE && w[i].step != CLAIM && w[i].step != CLAIMED && w[i].step != ENDED)
#define ME(i) (i + 1)
#ifdef LIVE
#define NOISY noise < NOISE -> noise++
#else
#define NOISY true
#endif

/* ---- the scripts ---- */

inline check_permits()
{
    assert(!(e[0].sub == RUNNING && e[1].sub == RUNNING));
    assert(!(e[0].permit && e[1].permit));
    assert(e[0].permit == (e[0].sub == GRANTED || e[0].sub == RUNNING));
    assert(e[1].permit == (e[1].sub == GRANTED || e[1].sub == RUNNING));
}

#ifdef M_GRANT_WITHOUT_PERMIT
#define FREE true
#else
#define FREE (!e[0].permit && !e[1].permit)
#endif
#define GIVE(n) e[n].sub = GRANTED; e[n].permit = true
inline grant()
{
    if
    :: FREE && e[0].sub == GATED -> GIVE(0)
    :: FREE && e[1].sub == GATED -> GIVE(1)
    :: else
    fi;
    check_permits()
}

inline fire(n)
{
    e[n].sub = GATED;
    grant()
}

#define HELD(i) (e[w[i].on].sub == RUNNING && e[w[i].on].fence == w[i].fence)

inline claim(i)
{
    if
#ifdef M_CLAIM_RUNNING /* the entry's state is not looked at */
    :: w[i].current && !HELD(i) ->
#else
    :: e[w[i].on].sub == GRANTED && w[i].current ->
#endif
        assert(e[w[i].on].holder == 0);
        e[w[i].on].sub = RUNNING;
        e[w[i].on].fence = w[i].fence;
        e[w[i].on].lease = LEASE + GRACE;
        e[w[i].on].holder = ME(i);
        w[i].sent = 0;
        w[i].step = CLAIMED
    :: HELD(i) -> /* asked again */
#ifndef M_CLAIM_AGAIN_KEEPS_LEASE
        e[w[i].on].lease = LEASE + GRACE;
#endif
        assert(e[w[i].on].holder == ME(i));
        w[i].sent = 0;
        w[i].step = CLAIMED
    :: else -> drop(i)
    fi;
    check_permits()
}

inline stale(i, n)
{
    if
    :: w[i].on == n -> w[i].current = false
    :: else
    fi
}

inline settle(n, to)
{
    e[n].sub = to;
    e[n].fence = 0;
    e[n].holder = 0;
    e[n].lease = 0;
    e[n].permit = false;
    e[n].begun = true;
    stale(0, n);
    stale(1, n)
}

inline accepted(i)
{
    assert(e[w[i].on].holder == ME(i) && w[i].current)
}

#ifdef M_FINISH_UNFENCED
#define MAY_FINISH(i) (e[w[i].on].sub == RUNNING)
#else
#define MAY_FINISH(i) HELD(i)
#endif
inline finish(i, to)
{
    if
    :: MAY_FINISH(i) ->
        accepted(i);
        e[w[i].on].closed = w[i].fence;
        settle(w[i].on, to);
#ifdef M_FINISH_WITHOUT_GRANT
        check_permits();
#else
        grant();
#endif
        w[i].step = ENDED
    :: !MAY_FINISH(i) && e[w[i].on].closed == w[i].fence -> w[i].step = ENDED
    :: else -> drop(i)
    fi
}

/* ---- a worker: one executor ---- */

/* A claim id that nobody has or knows: the worker's own, counted on. */
#define UNUSED(v) (e[0].fence != v && e[1].fence != v)
inline new_fence(i)
{
#ifdef M_FENCE_NOT_OWN
    w[i].fence = 1
#else
    if
    :: UNUSED(3 * i + 1) -> w[i].fence = 3 * i + 1
    :: !UNUSED(3 * i + 1) && UNUSED(3 * i + 2) -> w[i].fence = 3 * i + 2
    :: else -> w[i].fence = 3 * i + 3
    fi
#endif
}

/* The attempt is none of ours any more. Its number in a run record means nothing without the claim that asks. */
inline drop(i)
{
    if
    :: w[i].fence && e[w[i].on].closed == w[i].fence -> e[w[i].on].closed = 0
    :: else
    fi;
    w[i].step = IDLE;
    w[i].beaten = false;
    w[i].fence = 0;
    w[i].on = 0;
    w[i].current = false;
    w[i].sent = 0;
    w[i].confirmed = 0;
    w[i].gap = 0;
    w[i].fenced = false;
    w[i].late = false
}

inline take(i, n)
{
    w[i].on = n;
    w[i].current = true;
    new_fence(i);
    w[i].step = CLAIM
}

#define OPEN(n) (e[n].sub == GRANTED)
#define TAKEN(n) (e[n].sub == RUNNING || e[n].sub == FINAL)
#define UNDER_WAY(i) (e[w[i].on].holder == ME(i) && e[1 - w[i].on].holder == 0)

proctype executor(byte i)
{
    do
#ifndef M_NO_LOOK /* in Redis, for what waits too long: only Kafka brings tickets, and it may lose them */
    :: atomic { AWAKE(i) && w[i].step == IDLE && OPEN(0) -> take(i, 0) }
    :: atomic { AWAKE(i) && w[i].step == IDLE && OPEN(1) -> take(i, 1) }
#endif
    /* A ticket that comes late stays as useless as it is, so it may be claimed in the same step. */
    :: atomic { ONLINE(i) && w[i].step == IDLE && TAKEN(0) && NOISY -> take(i, 0); claim(i) }
    :: atomic { ONLINE(i) && w[i].step == IDLE && TAKEN(1) && NOISY -> take(i, 1); claim(i) }
    :: atomic { ONLINE(i) && w[i].step == IDLE && e[0].begun && NOISY -> take(i, 0); w[i].current = false; claim(i) }
    :: atomic { ONLINE(i) && w[i].step == IDLE && e[1].begun && NOISY -> take(i, 1); w[i].current = false; claim(i) }

    :: atomic { ONLINE(i) && w[i].step == CLAIM -> claim(i) }
    :: atomic { AWAKE(i) && w[i].step == CLAIMED && NOISY -> w[i].sent = 0; w[i].step = CLAIM } /* the reply was lost */
    :: atomic { ONLINE(i) && w[i].step == CLAIMED -> w[i].confirmed = w[i].sent; w[i].sent = 0; w[i].step = READY }

    :: atomic { AWAKE(i) && w[i].step == READY && w[i].confirmed < GATE ->
            assert(UNDER_WAY(i)); /* when it passes the gate */
            w[i].gap = 0;
            w[i].step = PASSED }
    :: atomic { AWAKE(i) && w[i].step == PASSED ->
            assert(w[i].late || UNDER_WAY(i)); /* when it leaves */
            if
            :: w[i].fenced -> drop(i)
            :: else -> w[i].gap = 0; w[i].late = false; w[i].step = WRITE
            fi }
    :: atomic { ONLINE(i) && w[i].step == WRITE ->
            if
#ifdef M_WRITE_UNFENCED
            :: true ->
#else
            :: HELD(i) ->
#endif
                accepted(i);
                w[i].step = FINISH
#ifndef M_WRITE_UNFENCED
            :: else -> drop(i)
#endif
            fi }
    :: atomic { ONLINE(i) && w[i].step == FINISH -> finish(i, FINAL) }
    :: atomic { ONLINE(i) && w[i].step == FINISH && parks < PARKS -> parks++; finish(i, DUE) }
    :: atomic { ONLINE(i) && w[i].step == ENDED && NOISY -> w[i].step = FINISH } /* the reply was lost */
    :: atomic { AWAKE(i) && w[i].step == ENDED -> drop(i) }
    od
}

proctype heart(byte i)
{
    do
    :: atomic { ONLINE(i) && WORKS(i) && !w[i].fenced && !w[i].beaten && w[i].confirmed > 0 ->
            if
            :: HELD(i) -> e[w[i].on].lease = LEASE + GRACE; w[i].sent = 0; w[i].beaten = true
            :: !HELD(i) && w[i].step == PASSED -> w[i].fenced = true
            :: else -> drop(i)
            fi }
    :: atomic { AWAKE(i) && w[i].cut && w[i].beaten -> w[i].beaten = false; w[i].sent = 0 } /* the reply was lost */
    :: atomic { ONLINE(i) && w[i].beaten ->
#ifdef M_GATE_FROM_REPLY
            w[i].confirmed = 0;
#else
            w[i].confirmed = w[i].sent;
#endif
            w[i].sent = 0;
            w[i].beaten = false }
    od
}

/* ---- a producer: its tick and its reaper. A second one adds nothing: whoever comes first acts, in one step ---- */

inline lose(n)
{
    settle(n, DUE);
#ifdef M_LOST_KEEPS_PERMIT
    e[n].permit = true;
    check_permits()
#else
    grant()
#endif
}

#ifdef M_NO_REAPER
#define OVERDUE(n) false
#else
#define OVERDUE(n) (e[n].sub == RUNNING && e[n].lease == 0)
#endif
proctype producer()
{
    do
    :: atomic { e[0].sub == DUE -> fire(0) }
    :: atomic { e[1].sub == DUE -> fire(1) }
    :: atomic { OVERDUE(0) -> lose(0) }
    :: atomic { OVERDUE(1) -> lose(1) }
    od
}

/* ---- time ---- */

/* A living worker beats in time, and what passed the gate leaves in time. Once faults are over, replies to a claim come in
 * time, too; until then they may come as late as they like. */
#ifdef LIVE
#define AWAITED(i) (w[i].step == CLAIMED && !w[i].cut && w[i].sent >= GATE - 1)
#else
#define AWAITED(i) false
#endif
#define HURRY(i) (AWAKE(i) && (AWAITED(i) || (WORKS(i) && !w[i].cut && !w[i].fenced && w[i].confirmed >= GATE - 1) || \
        (w[i].step == PASSED && w[i].gap == GAP && !w[i].late)))
#ifdef M_CLOCK_SLEEPS /* a clock that does not count while the machine sleeps */
#define AGES(i) AWAKE(i)
#else
#define AGES(i) true
#endif
inline age(i)
{
    if
    :: AGES(i) ->
        if
        :: (w[i].beaten || w[i].step == CLAIMED) && w[i].sent < GATE -> w[i].sent++
        :: else
        fi;
        if
        :: WORKS(i) && w[i].confirmed < GATE -> w[i].confirmed++
        :: else
        fi;
        if
        :: w[i].step == PASSED && w[i].gap < GAP -> w[i].gap++
        :: else
        fi
    :: else
    fi
}

#define RUNS_OUT(n) if :: e[n].lease > 0 -> e[n].lease-- :: else fi
proctype time()
{
    do
    :: d_step { !HURRY(0) && !HURRY(1) ->
            age(0);
            age(1);
            RUNS_OUT(0);
            RUNS_OUT(1) }
    od
}

/* ---- faults, and their end ---- */

#define BUSY(i) (faults < FAULTS && w[i].step != IDLE)
#define CRASH(i) faults++; drop(i); w[i].stopped = false; w[i].cut = false
#define STOP(i) faults++; w[i].stopped = true; w[i].late = (w[i].step == PASSED)
#define CUT(i) faults++; w[i].cut = true
proctype trouble()
{
    do
#ifdef LIVE
    :: faults <= FAULTS /* fairness is for those who work: no fault must happen */
#endif
    :: atomic { BUSY(0) -> CRASH(0) }
    :: atomic { BUSY(1) -> CRASH(1) }
    :: atomic { BUSY(0) && !w[0].stopped -> STOP(0) }
    :: atomic { BUSY(1) && !w[1].stopped -> STOP(1) }
    :: atomic { BUSY(0) && !w[0].cut -> CUT(0) }
    :: atomic { BUSY(1) && !w[1].cut -> CUT(1) }
    od
}

init
{
    atomic {
        e[0].sub = DUE;
        e[1].sub = DUE;
        w[0].step = IDLE;
        w[1].step = IDLE;
        run producer(); run time(); run trouble();
        run executor(0); run executor(1);
        run heart(0); run heart(1)
    };
    do
    :: atomic { w[0].stopped -> w[0].stopped = false }
    :: atomic { w[1].stopped -> w[1].stopped = false }
    :: atomic { w[0].cut -> w[0].cut = false }
    :: atomic { w[1].cut -> w[1].cut = false }
    od
}

#ifdef LIVE
ltl progress { <> (e[0].sub == FINAL && e[1].sub == FINAL) }
#endif
