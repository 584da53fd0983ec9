/*
 * The wire of a throwaway test domain: two network namespaces joined by two TUN devices, with a
 * user-space pump between them. It needs no veth and no netem in the kernel, delays every packet by
 * a settable time, can be cut, and counts what passes.
 *
 *   link serve SOCKET FAULT     stay in the foreground; this process lives in the client's
 * namespace, descriptor 3 is the controller's (see NETNS_FD) link ctl SOCKET WORD...     send one
 * request, print the answer: delay MS | cut [AFTER] | uncut | reset | count | fault SPEC
 *
 * "fault" runs the script FAULT with that one argument, here outside: what a client host asks for
 * from inside its own pid namespace.
 *
 * "count" prints, since the last "reset", `name value` lines: packets and bytes each way, flows,
 * and round trips, estimated as the changes of direction of packets that carry something (data,
 * SYN; never a bare ACK or FIN): "turns" summed over the flows, "turns_serial" for the wire as a
 * whole.
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

enum { NETNS_FD = 3, MTU = 2048, QUEUE = 8192, FLOWS = 4096 };
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

struct flow { /* the two ends without order, so both directions are one flow */
    unsigned char key[37];
    signed char last; /* side that last sent something that counts, -1 at first */
};

struct wire {
    int tun[SIDES];
    struct queue queue[SIDES];
    uint64_t delay; /* ns, one way */
    bool cut;
    long cut_after; /* packets of the client that still pass, -1 = no limit */
    uint64_t packets[SIDES], bytes[SIDES], dropped;
    uint64_t turns, turns_serial;
    signed char last;
    struct flow flows[FLOWS];
    size_t flow_count;
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
static bool dissect(const unsigned char *p, size_t len, unsigned char key[37], bool *counts)
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

static void count(struct wire *w, enum side from, const struct packet *p)
{
    unsigned char key[37];
    bool counts;
    w->packets[from]++;
    w->bytes[from] += p->len;
    if (!dissect(p->data, p->len, key, &counts) || !counts)
        return;
    /* a round trip is complete when the answer turns the direction back to the client */
    struct flow *f = find_flow(w, key);
    if (f) {
        w->turns += f->last == CLIENT && from == DC;
        f->last = (signed char)from;
    }
    w->turns_serial += w->last == CLIENT && from == DC;
    w->last = (signed char)from;
}

static void take(struct wire *w, enum side from)
{
    struct queue *q = &w->queue[from];
    while (q->used < QUEUE) {
        struct packet *p = &q->ring[(q->head + q->used) % QUEUE];
        ssize_t n = read(w->tun[from], p->data, MTU);
        if (n <= 0)
            return;
        p->len = (uint16_t)n;
        if (from == CLIENT && w->cut_after >= 0 && w->cut_after-- == 0)
            w->cut = true;
        if (w->cut) {
            w->cut_after = -1;
            w->dropped++;
            continue;
        }
        count(w, from, p);
        p->due = now() + w->delay;
        q->used++;
    }
}

/* Sends what is due; returns ns until the next packet is, or UINT64_MAX. */
static uint64_t give(struct wire *w, enum side from)
{
    struct queue *q = &w->queue[from];
    while (q->used > 0) {
        struct packet *p = &q->ring[q->head];
        uint64_t t = now();
        if (p->due > t)
            return p->due - t;
        if (!w->cut && write(w->tun[1 - from], p->data, p->len) < 0 && errno == EAGAIN)
            return 100000;
        q->head = (q->head + 1) % QUEUE;
        q->used--;
    }
    return UINT64_MAX;
}

static void reset(struct wire *w)
{
    memset(w->packets, 0, sizeof(w->packets));
    memset(w->bytes, 0, sizeof(w->bytes));
    w->dropped = w->turns = w->turns_serial = 0;
    w->flow_count = 0;
    w->last = -1;
}

static void answer(struct wire *w, char *request, char *reply, size_t size)
{
    char *value = strchr(request, ' ');
    if (value)
        *value++ = '\0';
    snprintf(reply, size, "ok\n");
    if (strcmp(request, "delay") == 0 && value) {
        w->delay = (uint64_t)(strtod(value, NULL) * 1e6);
    } else if (strcmp(request, "cut") == 0) {
        w->cut_after = value ? strtol(value, NULL, 10) : -1;
        w->cut = !value;
    } else if (strcmp(request, "uncut") == 0) {
        w->cut = false;
        w->cut_after = -1;
    } else if (strcmp(request, "reset") == 0) {
        reset(w);
    } else if (strcmp(request, "count") == 0) {
        snprintf(reply, size,
                 "packets_out %ju\npackets_in %ju\nbytes_out %ju\nbytes_in %ju\ndropped %ju\n"
                 "flows %zu\nturns %ju\nturns_serial %ju\n",
                 (uintmax_t)w->packets[CLIENT], (uintmax_t)w->packets[DC],
                 (uintmax_t)w->bytes[CLIENT], (uintmax_t)w->bytes[DC], (uintmax_t)w->dropped,
                 w->flow_count, (uintmax_t)w->turns, (uintmax_t)w->turns_serial);
    } else {
        snprintf(reply, size, "error: unknown request\n");
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
    char request[128], reply[512];
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

static _Noreturn void serve(const char *path, const char *script)
{
    static struct wire w = {.cut_after = -1, .last = -1};
    struct sockaddr_un name = socket_name(path);
    w.tun[DC] = new_side();
    int netns = open("/proc/self/ns/net", O_RDONLY);
    if (netns < 0)
        die("/proc/self/ns/net");
    if (netns != NETNS_FD) {
        if (w.tun[DC] == NETNS_FD)
            w.tun[DC] = fcntl(w.tun[DC], F_DUPFD_CLOEXEC, NETNS_FD + 1);
        if (dup2(netns, NETNS_FD) < 0)
            die("dup2");
    }
    w.tun[CLIENT] = new_side();
    signal(SIGCHLD, SIG_IGN);
    for (enum side s = DC; s < SIDES; s++)
        if (!(w.queue[s].ring = calloc(QUEUE, sizeof(struct packet))))
            die("memory");
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0 ||
        listen(listener, 8) != 0)
        die(path);
    for (;;) {
        uint64_t wait = give(&w, DC), other = give(&w, CLIENT);
        wait = other < wait ? other : wait;
        struct timespec timeout = {(time_t)(wait / 1000000000U), (long)(wait % 1000000000U)};
        struct pollfd fds[] = {{w.tun[DC], w.queue[DC].used < QUEUE ? POLLIN : 0, 0},
                               {w.tun[CLIENT], w.queue[CLIENT].used < QUEUE ? POLLIN : 0, 0},
                               {listener, POLLIN, 0}};
        if (ppoll(fds, 3, wait == UINT64_MAX ? NULL : &timeout, NULL) < 0 && errno != EINTR)
            die("poll");
        take(&w, DC);
        take(&w, CLIENT);
        if (fds[2].revents & POLLIN)
            serve_request(&w, listener, script);
    }
}

static int control(const char *path, int words, char **word)
{
    struct sockaddr_un name = socket_name(path);
    char text[512] = "";
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
    if (argc == 4 && strcmp(argv[1], "serve") == 0)
        serve(argv[2], argv[3]);
    if (argc > 3 && strcmp(argv[1], "ctl") == 0)
        return control(argv[2], argc - 3, argv + 3);
    fprintf(stderr, "usage: link serve SOCKET FAULT | link ctl SOCKET WORD...\n");
    return 2;
}
