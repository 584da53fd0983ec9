/*
 * stopwatch [--until TEXT]... [--then PROGRAM ARG ARG] LOG CMD ARGS...
 *
 * Runs CMD with its output in LOG and prints one line: `ms`, the milliseconds until the first
 * output line that contains every TEXT (without --until, or where no line does: until CMD ends),
 * `all_ms` until CMD ended, `kb`, the peak resident memory of CMD and its children, `status`.
 * --then runs once at that line, or at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TEXTS = 4 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
    fprintf(stderr, "stopwatch: %s: %s\n", what, strerror(errno));
    exit(125);
}

static pid_t start(char **argv, int output)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        if (output >= 0 && (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0))
            _exit(125);
        execvp(argv[0], argv);
        _exit(127);
    }
    return pid;
}

static bool has_all(const char *line, char *const text[], int texts)
{
    for (int i = 0; i < texts; i++)
        if (!strstr(line, text[i]))
            return false;
    return texts > 0;
}

static void run_then(char **argv)
{
    if (argv)
        waitpid(start(argv, -1), NULL, 0);
}

int main(int argc, char **argv)
{
    char *text[TEXTS], *then[4] = {NULL}, *line = NULL;
    int texts = 0, at = 1, pipes[2], status;
    size_t size = 0;
    for (; at + 1 < argc && strncmp(argv[at], "--", 2) == 0;) {
        if (strcmp(argv[at], "--until") == 0 && texts < TEXTS) {
            text[texts++] = argv[at + 1];
            at += 2;
        } else if (strcmp(argv[at], "--then") == 0 && at + 3 < argc) {
            memcpy(then, argv + at + 1, 3 * sizeof(*then));
            at += 4;
        } else {
            break;
        }
    }
    if (argc - at < 2) {
        fprintf(stderr,
                "usage: stopwatch [--until TEXT]... [--then PROGRAM ARG ARG] LOG CMD ARGS...\n");
        return 125;
    }
    FILE *log = fopen(argv[at], "we");
    if (!log || pipe2(pipes, O_CLOEXEC) != 0)
        die(argv[at]);
    double begin = now_ms(), mark = 0;
    pid_t pid = start(argv + at + 1, pipes[1]);
    close(pipes[1]);
    FILE *output = fdopen(pipes[0], "r");
    while (output && getline(&line, &size, output) > 0) {
        if (mark == 0 && has_all(line, text, texts)) {
            mark = now_ms();
            run_then(then[0] ? then : NULL);
        }
        fputs(line, log);
    }
    free(line);
    fclose(log);
    struct rusage used;
    if (wait4(pid, &status, 0, &used) != pid)
        die("wait");
    double end = now_ms();
    if (mark == 0)
        run_then(then[0] ? then : NULL);
    printf("ms %.1f all_ms %.1f kb %ld status %d marked %d\n", (mark == 0 ? end : mark) - begin,
           end - begin, used.ru_maxrss,
           WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), mark != 0);
    return 0;
}
