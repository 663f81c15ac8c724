/* The reference day as an event-list program.

   Build: python reference_day.py > reference_day.h
          gcc -O3 -march=native -o event_list event_list.c -lm
   Run:   ./event_list DAYS SEED       prints one JSON document: customers, seconds, summary

   A binary heap holds the ends of services; arrivals and changes of shift, which come in order, are
   kept beside it. An abandonment needs no event: a waiting customer carries a deadline, and whoever
   is found past it when a server looks for work has left at the deadline. Random numbers are
   xoshiro256++ (Blackman and Vigna 2021, doi:10.1145/3460772), exponential and normal ones by
   ziggurat (Marsaglia and Tsang 2000, doi:10.18637/jss.v005.i08; 256 layers).

   With -DTEXTBOOK it is the program as a textbook has it: variates are made with logarithms (the
   polar method for normal ones), and every abandonment is an event. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "reference_day.h"

/* ---- random numbers ---- */

#define LAYERS 256

typedef struct {
    double edge[LAYERS + 1], height[LAYERS + 1];
} Ziggurat;

static uint64_t state[4];
static Ziggurat exponential_layers, normal_layers;

static inline uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static inline uint64_t bits(void) {
    const uint64_t result = rotate(state[0] + state[3], 23) + state[0], t = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = rotate(state[3], 45);
    return result;
}

static inline double unit(uint64_t u) { return (double)(u >> 11) * 0x1p-53; }

static inline double uniform(void) { return unit(bits()); }

static double minus_log(void) { return -log(1.0 - uniform()); }

static void seed_random(uint64_t seed) { /* splitmix64 */
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        state[i] = z ^ (z >> 31);
    }
}

static double exponential_height(double x) { return exp(-x); }
static double exponential_edge(double y) { return -log(y); }
static double normal_height(double x) { return exp(-0.5 * x * x); }
static double normal_edge(double y) { return sqrt(-2.0 * log(y)); }

static void cut_layers(Ziggurat *z, double right, double area, double (*height)(double),
                       double (*edge)(double)) {
    z->edge[0] = area / height(right);
    z->edge[1] = right;
    for (int i = 1; i < LAYERS - 1; i++)
        z->edge[i + 1] = edge(height(z->edge[i]) + area / z->edge[i]);
    z->edge[LAYERS] = 0.0;
    for (int i = 0; i <= LAYERS; i++) z->height[i] = height(z->edge[i]);
}

static void cut_all_layers(void) {
    cut_layers(&exponential_layers, 7.69711747013104972, 0.0039496598225815571993,
               exponential_height, exponential_edge);
    cut_layers(&normal_layers, 3.6541528853610088, 0.00492867323399, normal_height, normal_edge);
}

static inline bool under(const Ziggurat *z, int layer, double height) {
    const double low = z->height[layer], high = z->height[layer + 1];
    return low + uniform() * (high - low) < height;
}

#ifdef TEXTBOOK
static inline double exponential(void) { return minus_log(); }

static inline double normal(void) {
    static double kept;
    static bool has_kept;
    double x, y, square;
    if ((has_kept = !has_kept) == false) return kept;
    do {
        x = 2.0 * uniform() - 1.0;
        y = 2.0 * uniform() - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    const double scale = sqrt(-2.0 * log(square) / square);
    kept = y * scale;
    return x * scale;
}
#else
static inline double exponential(void) {
    for (;;) {
        const uint64_t u = bits();
        const int layer = u & (LAYERS - 1);
        const double x = unit(u) * exponential_layers.edge[layer];
        if (x < exponential_layers.edge[layer + 1]) return x;
        if (layer == 0) return exponential_layers.edge[1] + minus_log();
        if (under(&exponential_layers, layer, exp(-x))) return x;
    }
}

static double normal_tail(void) {
    const double right = normal_layers.edge[1];
    for (;;) {
        const double a = minus_log() / right, b = minus_log();
        if (2.0 * b > a * a) return right + a;
    }
}

static inline double normal(void) {
    for (;;) {
        const uint64_t u = bits();
        const int layer = u & (LAYERS - 1);
        const double sign = u & LAYERS ? -1.0 : 1.0;
        const double x = unit(u) * normal_layers.edge[layer];
        if (x < normal_layers.edge[layer + 1]) return sign * x;
        if (layer == 0) return sign * normal_tail();
        if (under(&normal_layers, layer, exp(-0.5 * x * x))) return sign * x;
    }
}
#endif

static inline double lognormal(double mu, double sigma) { return exp(mu + sigma * normal()); }

/* ---- the event list ---- */

enum { KIOSK_END, SMART_END, TELLER_END, VIP_END, CORPORATE_END, ABANDONMENT };

typedef struct {
    double at;
    int32_t kind, customer;
} Event;

/* Every server has at most one event, and in the textbook's program whoever waits another; the root
   is heap[1]. */
enum { SERVERS = KIOSKS + SMART_COUNTERS + MOST_TELLERS + 2 };
#ifdef TEXTBOOK
static Event *heap;
#else
static Event heap[1 + SERVERS];
#endif
static int events;

static inline void schedule(double at, int kind, int customer) {
    int i = ++events;
    for (; i > 1 && heap[i / 2].at > at; i /= 2) heap[i] = heap[i / 2];
    heap[i] = (Event){at, kind, customer};
}

static inline Event next_event(void) {
    const Event first = heap[1], last = heap[events--];
    int i = 1;
    for (int child = 2; child <= events; child = 2 * i) {
        if (child < events && heap[child + 1].at < heap[child].at) child++;
        if (heap[child].at >= last.at) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return first;
}

/* ---- customers and queues ---- */

typedef struct {
    double ticket, joined, deadline, wait;
    int32_t class;
    bool to_smart, waits;
} Customer;

typedef struct {
    int32_t *customer;
    int head, tail;
} Queue;

enum { WAITING_LEVELS = 3 };

static Customer *customers;
static int arrived, capacity;
static Queue kiosk_queue, smart_queue, corporate_queue, waiting[WAITING_LEVELS];
static Queue *const queues[] = {&kiosk_queue, &smart_queue, &corporate_queue,
                                &waiting[0], &waiting[1], &waiting[2]};
#define QUEUES (int)(sizeof queues / sizeof *queues)

static void *grown(void *block, size_t size) {
    block = realloc(block, size);
    if (!block) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return block;
}

static void make_room(void) { /* a customer enters each queue at most once */
    capacity = capacity ? 2 * capacity : 1024;
    customers = grown(customers, capacity * sizeof *customers);
    for (int i = 0; i < QUEUES; i++)
        queues[i]->customer = grown(queues[i]->customer, capacity * sizeof(int32_t));
#ifdef TEXTBOOK
    /* a customer waits at most twice, and an event of who was called stays until its time */
    heap = grown(heap, (1 + SERVERS + 2 * (size_t)capacity) * sizeof *heap);
#endif
}

/* ---- what happened ---- */

typedef struct {
    double count, wait, abandoned, late;
} ClassDay;

static ClassDay day[CLASSES];
static double failed, teller_busy;

static inline void leave(const Customer *c, bool abandoned) {
    ClassDay *d = &day[c->class];
    d->count += 1.0;
    d->wait += c->wait;
    d->abandoned += abandoned;
    d->late += c->wait > WAIT_LIMIT;
}

/* ---- the branch ---- */

static const double arrivals[QUARTERS] = ARRIVALS;
static const double class_share[CLASSES] = CLASS_SHARE, smart_share[CLASSES] = SMART_SHARE;
static const int priority[CLASSES] = PRIORITY, tellers[HOURS] = TELLERS;

static double now;
static int kiosks_idle, smart_idle, tellers_open, tellers_busy;
static bool vip_desk_idle, corporate_idle;

static inline void join(Queue *q, int who) {
    Customer *c = &customers[who];
    c->joined = now;
    c->deadline = now + PATIENCE_MEAN * exponential();
    int i = q->tail++;
    for (; i > q->head && customers[q->customer[i - 1]].ticket > c->ticket; i--)
        q->customer[i] = q->customer[i - 1];
    q->customer[i] = who;
    c->waits = true;
#ifdef TEXTBOOK
    schedule(c->deadline, ABANDONMENT, who);
#endif
}

/* Reached only as an event: an event of an earlier wait of the same customer has another time. */
static void abandon(int who) {
    Customer *c = &customers[who];
    if (!c->waits || c->deadline != now) return;
    c->waits = false;
    c->wait += now - c->joined;
    leave(c, true);
}

static inline int call(Queue *q) { /* the next customer still there, or -1 */
    while (q->head < q->tail) {
        const int who = q->customer[q->head++];
        Customer *c = &customers[who];
#ifdef TEXTBOOK
        if (!c->waits) continue;
#endif
        if (c->deadline >= now) {
            c->waits = false;
            c->wait += now - c->joined;
            return who;
        }
        c->wait += c->deadline - c->joined;
        leave(c, true);
    }
    return -1;
}

static inline int call_by_priority(void) {
    for (int level = 0; level < WAITING_LEVELS; level++) {
        const int who = call(&waiting[level]);
        if (who >= 0) return who;
    }
    return -1;
}

static inline double desk_time(int who) {
    return customers[who].class == VIP ? lognormal(VIP_MU, VIP_SIGMA)
                                       : lognormal(TELLER_MU, TELLER_SIGMA);
}

static inline void start_kiosk(int who) {
    schedule(now + KIOSK_MEAN * exponential(), KIOSK_END, who);
}

static inline void start_smart(int who) {
    schedule(now + lognormal(SMART_MU, SMART_SIGMA), SMART_END, who);
}

static inline void start_teller(int who) {
    const double service = desk_time(who);
    tellers_busy++;
    teller_busy += service;
    schedule(now + service, TELLER_END, who);
}

static inline void start_vip_desk(int who) {
    vip_desk_idle = false;
    schedule(now + desk_time(who), VIP_END, who);
}

static inline void start_corporate(int who) {
    corporate_idle = false;
    schedule(now + lognormal(CORPORATE_MU, CORPORATE_SIGMA), CORPORATE_END, who);
}

static inline void to_desks(int who) {
    const int class = customers[who].class;
    if (class == VIP && vip_desk_idle)
        start_vip_desk(who);
    else if (tellers_busy < tellers_open)
        start_teller(who);
    else if (vip_desk_idle)
        start_vip_desk(who);
    else
        join(&waiting[priority[class]], who);
}

static inline void to_service(int who) {
    Customer *c = &customers[who];
    c->ticket = now;
    if (c->to_smart) {
        if (smart_idle > 0) {
            smart_idle--;
            start_smart(who);
        } else
            join(&smart_queue, who);
    } else if (c->class == CORPORATE) {
        if (corporate_idle)
            start_corporate(who);
        else
            join(&corporate_queue, who);
    } else
        to_desks(who);
}

static void arrive(void) {
    if (arrived == capacity) make_room();
    const int who = arrived++;
    Customer *c = &customers[who];
    double u = uniform();
    int class = 0;
    while (class < CLASSES - 1 && u >= class_share[class]) u -= class_share[class++];
    c->class = class;
    c->to_smart = u < class_share[class] * smart_share[class];
    c->wait = 0.0;
    if (kiosks_idle > 0) {
        kiosks_idle--;
        start_kiosk(who);
    } else
        kiosk_queue.customer[kiosk_queue.tail++] = who;
}

static void end_kiosk(int who) {
    if (kiosk_queue.head < kiosk_queue.tail)
        start_kiosk(kiosk_queue.customer[kiosk_queue.head++]);
    else
        kiosks_idle++;
    to_service(who);
}

static void end_smart(int who) {
    const int next = call(&smart_queue);
    if (next >= 0)
        start_smart(next);
    else
        smart_idle++;
    if (uniform() < SMART_FAILURE) {
        failed += 1.0;
        to_desks(who);
    } else
        leave(&customers[who], false);
}

static void fill_tellers(void) {
    while (tellers_busy < tellers_open) {
        const int next = call_by_priority();
        if (next < 0) return;
        start_teller(next);
    }
}

static void end_service(Event e) {
    int next;
    switch (e.kind) {
    case KIOSK_END:
        end_kiosk(e.customer);
        return;
    case SMART_END:
        end_smart(e.customer);
        return;
    case ABANDONMENT:
        abandon(e.customer);
        return;
    case TELLER_END:
        tellers_busy--;
        fill_tellers();
        break;
    case VIP_END:
        vip_desk_idle = true;
        if ((next = call_by_priority()) >= 0) start_vip_desk(next);
        break;
    default:
        corporate_idle = true;
        if ((next = call(&corporate_queue)) >= 0) start_corporate(next);
    }
    leave(&customers[e.customer], false);
}

/* Arrivals: a Poisson process of rate 1 on the scale of expected customers, mapped back to time. */
typedef struct {
    double expected, before;
    int quarter;
} Stream;

static inline double next_arrival(Stream *s) {
    s->expected += exponential();
    while (s->expected >= s->before + arrivals[s->quarter]) {
        s->before += arrivals[s->quarter];
        if (++s->quarter == QUARTERS) return INFINITY;
    }
    const double part = (s->expected - s->before) / arrivals[s->quarter];
    return (s->quarter + part) * QUARTER_SECONDS;
}

static void run_day(void) {
    Stream stream = {0.0, 0.0, 0};
    int hour = 0;
    arrived = events = tellers_busy = 0;
    for (int i = 0; i < QUEUES; i++) queues[i]->head = queues[i]->tail = 0;
    kiosks_idle = KIOSKS;
    smart_idle = SMART_COUNTERS;
    tellers_open = tellers[0];
    vip_desk_idle = corporate_idle = true;
    double arrival = next_arrival(&stream), shift = DAY_SECONDS / HOURS;
    while (events || arrival < INFINITY) {
        const double end = events ? heap[1].at : INFINITY;
        if (end <= arrival && end <= shift) {
            now = end;
            end_service(next_event());
        } else if (arrival <= shift) {
            now = arrival;
            arrive();
            arrival = next_arrival(&stream);
        } else {
            now = shift;
            tellers_open = tellers[++hour];
            shift = hour + 1 < HOURS ? shift + DAY_SECONDS / HOURS : INFINITY;
            fill_tellers();
        }
    }
}

/* ---- estimates over days ---- */

/* Sums of products of y and x (1 for a mean, customers for a ratio). */
typedef struct {
    double x, y, xx, xy, yy;
} Sums;

static inline void add(Sums *s, double y, double x) {
    s->x += x;
    s->y += y;
    s->xx += x * x;
    s->xy += x * y;
    s->yy += y * y;
}

static const char *separator = "";

static void print_estimate(const char *class, const char *name, const Sums *s, double days,
                           double least_error) {
    const double ratio = s->y / s->x;
    const double squares = s->yy - 2.0 * ratio * s->xy + ratio * ratio * s->xx;
    const double error = sqrt(fmax(squares, 0.0) / (days - 1.0) / days) / (s->x / days);
    printf("%s\"%s%s%s\": [%.17g, %.17g]", separator, class, *class ? "." : "", name, ratio,
           fmax(error, least_error));
    separator = ", ";
}

enum { CUSTOMERS, FAILED, UTILISATION, WHOLE, WAIT = 0, ABANDONED, LATE, PER_CLASS };

static Sums whole[WHOLE], of[CLASSES][PER_CLASS];

static void clear_day(void) {
    failed = teller_busy = 0.0;
    for (int c = 0; c < CLASSES; c++) day[c] = (ClassDay){0};
}

static void record_day(void) {
    double count = 0.0, open = 0.0;
    for (int h = 0; h < HOURS; h++) open += tellers[h] * (DAY_SECONDS / HOURS);
    for (int c = 0; c < CLASSES; c++) {
        count += day[c].count;
        add(&of[c][WAIT], day[c].wait, day[c].count);
        add(&of[c][ABANDONED], day[c].abandoned, day[c].count);
        add(&of[c][LATE], day[c].late, day[c].count);
    }
    add(&whole[CUSTOMERS], count, 1.0);
    add(&whole[FAILED], failed, 1.0);
    add(&whole[UTILISATION], teller_busy / open, 1.0);
}

static void print_summary(double days) {
    static const char *const names[CLASSES] = CLASS_NAMES;
    print_estimate("", "customers", &whole[CUSTOMERS], days, 0.0);
    print_estimate("", "failed_sessions", &whole[FAILED], days, 0.0);
    print_estimate("", "teller_utilisation", &whole[UTILISATION], days, 0.0);
    for (int c = 0; c < CLASSES; c++) {
        const double one = 1.0 / of[c][WAIT].x; /* a share cannot be surer than one customer */
        print_estimate(names[c], "mean_wait", &of[c][WAIT], days, 0.0);
        print_estimate(names[c], "share_abandoned", &of[c][ABANDONED], days, one);
        print_estimate(names[c], "share_over_limit", &of[c][LATE], days, one);
    }
}

int main(int argc, char **argv) {
    const long long days = argc == 3 ? atoll(argv[1]) : 0;
    if (days < 2) {
        fputs("usage: event_list DAYS SEED (at least 2 days)\n", stderr);
        return 2;
    }
    const clock_t began = clock();
    seed_random(strtoull(argv[2], NULL, 10));
    cut_all_layers();
    for (long long d = 0; d < days; d++) {
        clear_day();
        run_day();
        record_day();
    }
    const double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("{\"customers\": %.0f, \"seconds\": %.9g, \"summary\": {", whole[CUSTOMERS].y, seconds);
    print_summary((double)days);
    puts("}}");
    return 0;
}
