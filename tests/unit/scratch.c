#define _GNU_SOURCE
#include "tests/unit/scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"

static void need(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

char *scratch_new(void)
{
    const char *tmp = getenv("TMPDIR");
    char *root = xasprintf("%s/joinery-test.XXXXXX", tmp ? tmp : "/tmp");
    need(mkdtemp(root) != NULL, "mkdtemp");
    need(chmod(root, 0755) == 0, "chmod");
    return root;
}

static int rm_one(const char *path, const struct stat *st UNUSED, int type UNUSED,
                  struct FTW *w UNUSED)
{
    return remove(path);
}

void scratch_drop(char *root)
{
    need(nftw(root, rm_one, 16, FTW_DEPTH | FTW_PHYS) == 0, root);
    free(root);
}

static char *full(const char *root, const char *path)
{
    char *p = xasprintf("%s%s", root, path);
    for (char *s = p + strlen(root) + 1; (s = strchr(s, '/')); s++) {
        *s = '\0';
        if (mkdir(p, 0755) != 0 && access(p, F_OK) != 0)
            need(0, p);
        *s = '/';
    }
    return p;
}

void scratch_put(const char *root, const char *path, const char *text, mode_t mode)
{
    AUTOFREE char *p = full(root, path);
    FILE *f = fopen(p, "w");
    need(f != NULL, p);
    need(fputs(text, f) >= 0 && fclose(f) == 0 && chmod(p, mode) == 0, p);
}

void scratch_link(const char *root, const char *target, const char *path)
{
    AUTOFREE char *p = full(root, path);
    need(symlink(target, p) == 0, p);
}

void scratch_unlink(const char *root, const char *path)
{
    AUTOFREE char *p = full(root, path);
    need(unlink(p) == 0, p);
}

static char *slurp(const char *p)
{
    FILE *f = fopen(p, "r");
    struct buf b = BUF_INIT(4 << 20);
    char chunk[4096];
    size_t n;
    if (!f)
        return NULL;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_put(&b, chunk, n);
    fclose(f);
    return buf_steal(&b);
}

char *scratch_get(const char *root, const char *path)
{
    AUTOFREE char *p = full(root, path);
    return slurp(p);
}

mode_t scratch_mode(const char *root, const char *path)
{
    AUTOFREE char *p = full(root, path);
    struct stat st;
    need(lstat(p, &st) == 0, p);
    return st.st_mode & 07777;
}

static void picture(const char *root, const char *path, const char *but, struct buf *b)
{
    AUTOFREE char *p = xasprintf("%s%s", root, path);
    struct stat st;
    if ((but && strncmp(path, but, strlen(but)) == 0) || lstat(p, &st) != 0)
        return;
    if (S_ISLNK(st.st_mode)) {
        char target[PATH_MAX] = "";
        need(readlink(p, target, sizeof target - 1) >= 0, p);
        buf_printf(b, "%s -> %s\n", path, target);
    } else if (S_ISDIR(st.st_mode)) {
        struct dirent **names;
        int n = scandir(p, &names, NULL, alphasort);
        need(n >= 0, p);
        buf_printf(b, "%s/\n", path);
        for (int i = 0; i < n; i++) {
            if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0) {
                AUTOFREE char *sub = xasprintf("%s/%s", path, names[i]->d_name);
                picture(root, sub, but, b);
            }
            free(names[i]);
        }
        free(names);
    } else {
        AUTOFREE char *text = slurp(p);
        buf_printf(b, "%s %o\n%s\n", path, (unsigned)st.st_mode & 07777,
                   text ? text : "(unreadable)");
    }
}

char *scratch_picture(const char *root, const char *dir, const char *but)
{
    struct buf b = BUF_INIT(8 << 20);
    picture(root, dir, but, &b);
    return buf_steal(&b);
}
