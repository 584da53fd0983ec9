/*
 * The wire of a throwaway test domain: a network namespace for each controller and one for the
 * client, each with a TUN device, and between them a user-space switch. All are on one subnet. It
 * needs no veth, bridge or netem in the kernel, delays every packet by a settable time, can be cut,
 * and counts what passes between the client and each controller.
 *
 *   link serve SOCKET FAULT NAME=IPV4,IPV6...   stay in the foreground; this process lives in the
 *       client's namespace, descriptors 3, 4, ... are the controllers' (see NETNS_FD)
 *   link ctl SOCKET WORD...   send one request, print the answer: delay MS | cut [AFTER] | uncut |
 *       split | unsplit (each for the first controller, or with @NAME, @all) | reset | count |
 *       fault SPEC
 *
 * "split" keeps a controller from the other controllers, not from the client. "fault" runs the
 * script FAULT with that one argument, here outside: what a client host asks for from inside its
 * own pid namespace.
 *
 * "count" prints, since the last "reset", `name value` lines: packets and bytes each way, flows,
 * and round trips, estimated as the changes of direction of packets that carry something (data,
 * SYN; never a bare ACK or FIN): "turns" summed over the flows, "turns_serial" for the wire as a
 * whole. The same for each controller, with "NAME." before; and, of the packets that carry
 * something, those to each of its ports, "NAME.PORT/tcp".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    NETNS_FD = 3,
    CONTROLLERS = 6,
    MTU = 2048,
    QUEUE = 8192,
    FLOWS = 4096,
    PORTS = 64,
    REPLY = 8192
};
enum side { DC, CLIENT, SIDES };

struct packet {
    uint64_t due; /* CLOCK_MONOTONIC, ns */
    uint16_t len;
    unsigned char data[MTU];
};

struct queue { /* packets that came in on one side, waiting to leave on the other */
    struct packet *ring;
    size_t head, used;
};

struct tally {
    uint64_t packets[SIDES], bytes[SIDES], dropped, flows, turns, turns_serial;
    signed char last; /* side that last sent something that counts, -1 at first */
};

struct controller { /* and the line between it and the client */
    char name[16];
    unsigned char v4[4], v6[16];
    int tun;
    struct queue queue[SIDES];
    uint64_t delay; /* ns, one way */
    bool cut, split;
    long cut_after; /* packets of the client that still pass, -1 = no limit */
    struct tally tally;
};

struct flow { /* the two ends without order, so both directions are one flow */
    unsigned char key[37];
    signed char last;
};

struct port { /* what the client asked one port of one controller */
    const struct controller *to;
    uint16_t number;
    bool tcp;
    uint64_t packets;
};

struct wire {
    int client; /* its TUN device */
    struct controller dc[CONTROLLERS];
    size_t dc_count;
    bool cut; /* as a controller's, for all lines together */
    long cut_after;
    struct tally tally;
    struct flow flows[FLOWS];
    size_t flow_count;
    struct port ports[PORTS];
    size_t port_count;
};

static void die(const char *what)
{
    fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* A fresh network namespace with a TUN device in it; the caller is in that namespace afterwards. */
static int new_side(void)
{
    if (unshare(CLONE_NEWNET) != 0)
        die("unshare");
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        die("/dev/net/tun");
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    snprintf(request.ifr_name, sizeof(request.ifr_name), "link0");
    if (ioctl(fd, TUNSETIFF, &request) != 0)
        die("TUNSETIFF");
    return fd;
}

/* Finds what identifies the flow and whether the packet carries something; false: not IP we know.
 */
static bool dissect(const unsigned char *p, size_t len, unsigned char key[37], uint16_t *port,
                    bool *counts)
{
    size_t addr, size, head;
    unsigned char proto;
    if (len >= 20 && p[0] >> 4 == 4) {
        addr = 12, size = 4, head = (size_t)(p[0] & 15) * 4, proto = p[9];
        size_t total = (size_t)p[2] << 8 | p[3];
        len = total < len ? total : len;
    } else if (len >= 40 && p[0] >> 4 == 6) {
        addr = 8, size = 16, head = 40, proto = p[6];
    } else {
        return false;
    }
    if (proto == IPPROTO_UDP && len >= head + 8) {
        *counts = true;
    } else if (proto == IPPROTO_TCP && len >= head + 20) {
        size_t data = head + (size_t)(p[head + 12] >> 4) * 4;
        *counts = len > data || (p[head + 13] & 0x02) != 0;
    } else {
        return false;
    }
    *port = (uint16_t)(p[head + 2] << 8 | p[head + 3]);
    unsigned char ends[2][18] = {{0}, {0}};
    for (size_t i = 0; i < 2; i++) {
        memcpy(ends[i], p + addr + i * size, size);
        memcpy(ends[i] + 16, p + head + i * 2, 2);
    }
    size_t low = memcmp(ends[0], ends[1], 18) > 0;
    memcpy(key, ends[low], 18);
    memcpy(key + 18, ends[1 - low], 18);
    key[36] = proto;
    return true;
}

static struct flow *find_flow(struct wire *w, const unsigned char key[37])
{
    for (size_t i = w->flow_count; i-- > 0;)
        if (memcmp(w->flows[i].key, key, 37) == 0)
            return &w->flows[i];
    if (w->flow_count == FLOWS)
        return NULL;
    struct flow *f = &w->flows[w->flow_count++];
    memcpy(f->key, key, 37);
    f->last = -1;
    return f;
}

static void count_port(struct wire *w, const struct controller *to, uint16_t number, bool tcp)
{
    struct port *p = w->ports, *end = p + w->port_count;
    while (p < end && !(p->to == to && p->number == number && p->tcp == tcp))
        p++;
    if (p == end) {
        if (w->port_count == PORTS)
            return;
        w->port_count++;
        *p = (struct port){to, number, tcp, 0};
    }
    p->packets++;
}

/* A round trip is complete when the answer turns the direction back to the client. */
static bool turned(signed char *last, enum side from)
{
    bool turn = *last == CLIENT && from == DC;
    *last = (signed char)from;
    return turn;
}

static void count(struct wire *w, struct controller *c, enum side from, const struct packet *p)
{
    unsigned char key[37];
    uint16_t port;
    bool counts;
    struct tally *t[] = {&w->tally, &c->tally};
    bool known = dissect(p->data, p->len, key, &port, &counts);
    size_t flows = w->flow_count;
    struct flow *f = known && counts ? find_flow(w, key) : NULL;
    bool turn = f && turned(&f->last, from);
    if (known && counts && from == CLIENT)
        count_port(w, c, port, key[36] == IPPROTO_TCP);
    for (size_t i = 0; i < 2; i++) {
        t[i]->packets[from]++;
        t[i]->bytes[from] += p->len;
        t[i]->flows += w->flow_count - flows;
        t[i]->turns += turn;
        if (known && counts)
            t[i]->turns_serial += turned(&t[i]->last, from);
    }
}

/* Whose address a packet goes to; NULL: no controller's. */
static struct controller *addressee(struct wire *w, const struct packet *p)
{
    for (struct controller *c = w->dc; c < w->dc + w->dc_count; c++) {
        if (p->len >= 20 && p->data[0] >> 4 == 4 && memcmp(p->data + 16, c->v4, 4) == 0)
            return c;
        if (p->len >= 40 && p->data[0] >> 4 == 6 && memcmp(p->data + 24, c->v6, 16) == 0)
            return c;
    }
    return NULL;
}

static bool spent(bool *cut, long *cut_after)
{
    if (*cut_after >= 0 && (*cut_after)-- == 0)
        *cut = true;
    if (*cut)
        *cut_after = -1;
    return *cut;
}

/* Between the client and a controller: counted, delayed, cut. */
static void pass(struct wire *w, struct controller *c, enum side from, const struct packet *p)
{
    struct queue *q = &c->queue[from];
    long unlimited = -1, *line = from == CLIENT ? &c->cut_after : &unlimited;
    long *all = from == CLIENT ? &w->cut_after : &unlimited;
    bool lost = spent(&w->cut, all);
    if ((lost |= spent(&c->cut, line)) || q->used == QUEUE) {
        w->tally.dropped++;
        c->tally.dropped++;
        return;
    }
    count(w, c, from, p);
    struct packet *copy = &q->ring[(q->head + q->used++) % QUEUE];
    memcpy(copy->data, p->data, p->len);
    copy->len = p->len;
    copy->due = now() + c->delay;
}

/* What the first controller's machine does not know stays there: nobody's address is silent. */
static void take_from_client(struct wire *w)
{
    struct packet p;
    for (ssize_t n; (n = read(w->client, p.data, MTU)) > 0;) {
        p.len = (uint16_t)n;
        struct controller *to = addressee(w, &p);
        pass(w, to ? to : w->dc, CLIENT, &p);
    }
}

static void take_from_controller(struct wire *w, struct controller *c)
{
    struct packet p;
    for (ssize_t n; (n = read(c->tun, p.data, MTU)) > 0;) {
        p.len = (uint16_t)n;
        struct controller *to = addressee(w, &p);
        if (!to)
            pass(w, c, DC, &p);
        else if (!c->split && !to->split)
            (void)!write(to->tun, p.data, p.len); /* among themselves: at once, not counted */
    }
}

/* Sends what is due; returns ns until the next packet is, or UINT64_MAX. */
static uint64_t give(struct wire *w, struct controller *c, enum side from)
{
    struct queue *q = &c->queue[from];
    while (q->used > 0) {
        struct packet *p = &q->ring[q->head];
        uint64_t t = now();
        if (p->due > t)
            return p->due - t;
        int to = from == CLIENT ? c->tun : w->client;
        if (!w->cut && !c->cut && write(to, p->data, p->len) < 0 && errno == EAGAIN)
            return 100000;
        q->head = (q->head + 1) % QUEUE;
        q->used--;
    }
    return UINT64_MAX;
}

static void reset(struct wire *w)
{
    w->tally = (struct tally){.last = -1};
    for (struct controller *c = w->dc; c < w->dc + w->dc_count; c++)
        c->tally = w->tally;
    w->flow_count = w->port_count = 0;
}

static void print_tally(FILE *f, const char *of, const struct tally *t)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"packets_out", t->packets[CLIENT]},
                {"packets_in", t->packets[DC]},
                {"bytes_out", t->bytes[CLIENT]},
                {"bytes_in", t->bytes[DC]},
                {"dropped", t->dropped},
                {"flows", t->flows},
                {"turns", t->turns},
                {"turns_serial", t->turns_serial}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        fprintf(f, "%s%s%s %ju\n", of, *of ? "." : "", rows[i].name, (uintmax_t)rows[i].value);
}

static void print_counts(struct wire *w, FILE *f)
{
    print_tally(f, "", &w->tally);
    for (struct controller *c = w->dc; c < w->dc + w->dc_count; c++)
        print_tally(f, c->name, &c->tally);
    for (struct port *p = w->ports; p < w->ports + w->port_count; p++)
        fprintf(f, "%s.%u/%s %ju\n", p->to->name, p->number, p->tcp ? "tcp" : "udp",
                (uintmax_t)p->packets);
}

/* One controller's line; false: unknown request. */
static bool change_line(struct controller *c, const char *verb, const char *value)
{
    if (strcmp(verb, "delay") == 0 && value) {
        c->delay = (uint64_t)(strtod(value, NULL) * 1e6);
    } else if (strcmp(verb, "cut") == 0) {
        c->cut_after = value ? strtol(value, NULL, 10) : -1;
        c->cut = !value;
    } else if (strcmp(verb, "uncut") == 0) {
        c->cut = false;
        c->cut_after = -1;
    } else if (strcmp(verb, "split") == 0 || strcmp(verb, "unsplit") == 0) {
        c->split = verb[0] == 's';
    } else {
        return false;
    }
    return true;
}

/* VERB, VERB@NAME or VERB@all; false: unknown request or controller. */
static bool change(struct wire *w, char *verb, const char *value)
{
    char *name = strchr(verb, '@');
    if (name)
        *name++ = '\0';
    bool all = name && strcmp(name, "all") == 0;
    if (all && strcmp(verb, "cut") == 0 && value) {
        w->cut_after = strtol(value, NULL, 10);
        return true;
    }
    if (all && strcmp(verb, "uncut") == 0) {
        w->cut = false;
        w->cut_after = -1;
    }
    bool done = false;
    for (struct controller *c = w->dc; c < w->dc + w->dc_count; c++)
        if (all || strcmp(c->name, name ? name : w->dc->name) == 0)
            done = change_line(c, verb, value);
    return done;
}

static void answer(struct wire *w, char *request, char *reply, size_t size)
{
    char *value = strchr(request, ' ');
    if (value)
        *value++ = '\0';
    snprintf(reply, size, "ok\n");
    if (strcmp(request, "reset") == 0) {
        reset(w);
    } else if (strcmp(request, "count") == 0) {
        FILE *f = fmemopen(reply, size, "w");
        if (!f)
            die("memory");
        print_counts(w, f);
        fclose(f);
    } else if (!change(w, request, value)) {
        snprintf(reply, size, "error: unknown request or controller\n");
    }
}

/* In a process of its own: the script itself may have a request for us. */
static void run_fault(const char *script, const char *spec, int client)
{
    pid_t pid = fork();
    if (pid != 0)
        return;
    signal(SIGCHLD, SIG_DFL);
    pid = fork();
    if (pid == 0) {
        execl(script, script, spec, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    const char *reply = status == 0 ? "ok\n" : "error: the fault was not applied, see link.log\n";
    (void)!send(client, reply, strlen(reply), MSG_NOSIGNAL);
    _exit(0);
}

static void serve_request(struct wire *w, int listener, const char *script)
{
    char request[128], reply[REPLY];
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n = recv(fd, request, sizeof(request) - 1, 0);
    if (n > 0) {
        request[n] = '\0';
        if (strncmp(request, "fault ", 6) == 0) {
            run_fault(script, request + 6, fd);
        } else {
            answer(w, request, reply, sizeof(reply));
            (void)!send(fd, reply, strlen(reply), MSG_NOSIGNAL);
        }
    }
    close(fd);
}

static struct sockaddr_un socket_name(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(name.sun_path)) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(name.sun_path, path);
    return name;
}

/* NAME=IPV4,IPV6 */
static void add_controller(struct wire *w, const char *text)
{
    struct controller *c = &w->dc[w->dc_count];
    char v4[16], v6[46];
    errno = EINVAL;
    if (w->dc_count == CONTROLLERS || sscanf(text, "%15[^=]=%15[^,],%45s", c->name, v4, v6) != 3 ||
        inet_pton(AF_INET, v4, c->v4) != 1 || inet_pton(AF_INET6, v6, c->v6) != 1)
        die(text);
    c->cut_after = -1;
    c->tun = new_side();
    int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (netns < 0 || dup2(netns, NETNS_FD + (int)w->dc_count) < 0)
        die("/proc/self/ns/net");
    close(netns);
    for (enum side s = DC; s < SIDES; s++)
        if (!(c->queue[s].ring = calloc(QUEUE, sizeof(struct packet))))
            die("memory");
    w->dc_count++;
}

/* Keeps the descriptors free that are to name the controllers' namespaces. */
static void reserve_descriptors(int controllers)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < controllers; i++)
        if (null < 0 || (null != NETNS_FD + i && dup2(null, NETNS_FD + i) < 0))
            die("/dev/null");
}

static int listen_at(const char *path)
{
    struct sockaddr_un name = socket_name(path);
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0 ||
        listen(listener, 8) != 0)
        die(path);
    return listener;
}

static uint64_t give_all(struct wire *w)
{
    uint64_t wait = UINT64_MAX;
    for (struct controller *c = w->dc; c < w->dc + w->dc_count; c++)
        for (enum side s = DC; s < SIDES; s++) {
            uint64_t next = give(w, c, s);
            wait = next < wait ? next : wait;
        }
    return wait;
}

static _Noreturn void serve(const char *path, const char *script, int controllers, char **dc)
{
    static struct wire w = {.cut_after = -1};
    reserve_descriptors(controllers);
    for (int i = 0; i < controllers; i++)
        add_controller(&w, dc[i]);
    w.client = new_side();
    reset(&w);
    signal(SIGCHLD, SIG_IGN);
    int listener = listen_at(path);
    struct pollfd fds[CONTROLLERS + 2] = {{w.client, POLLIN, 0}, {listener, POLLIN, 0}};
    for (size_t i = 0; i < w.dc_count; i++)
        fds[i + 2] = (struct pollfd){w.dc[i].tun, POLLIN, 0};
    for (;;) {
        uint64_t wait = give_all(&w);
        struct timespec timeout = {(time_t)(wait / 1000000000U), (long)(wait % 1000000000U)};
        if (ppoll(fds, w.dc_count + 2, wait == UINT64_MAX ? NULL : &timeout, NULL) < 0) {
            if (errno != EINTR)
                die("poll");
            continue;
        }
        for (size_t i = 0; i < w.dc_count; i++)
            take_from_controller(&w, &w.dc[i]);
        take_from_client(&w);
        if (fds[1].revents & POLLIN)
            serve_request(&w, listener, script);
    }
}

static int control(const char *path, int words, char **word)
{
    struct sockaddr_un name = socket_name(path);
    char text[REPLY] = "";
    for (int i = 0; i < words; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "", word[i]);
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ||
        send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        die(path);
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0);
    if (n <= 0)
        die(path);
    text[n] = '\0';
    bool bad = strncmp(text, "error", 5) == 0;
    fputs(text, bad ? stderr : stdout);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc > 4 && strcmp(argv[1], "serve") == 0)
        serve(argv[2], argv[3], argc - 4, argv + 4);
    if (argc > 3 && strcmp(argv[1], "ctl") == 0)
        return control(argv[2], argc - 3, argv + 3);
    fprintf(stderr, "usage: link serve SOCKET FAULT CONTROLLER... | link ctl SOCKET WORD...\n");
    return 2;
}
