/* Fails the Nth write to files under a folder, and every one after it: a disk that is full or broken.
   FAIL_UNDER: folder. FAIL_AT: 1 for the first. FAIL_ERRNO: the error. FAIL_COUNT: a file for the count of writes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long seen = 0;

static int armed(void) { return getenv("FAIL_UNDER") != NULL; }

static int fails(int fd) {
  char link[64], path[4096];
  const char *under = getenv("FAIL_UNDER");
  if (!under) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t got = readlink(link, path, sizeof path - 1);
  if (got <= 0) return 0;
  path[got] = 0;
  if (strncmp(path, under, strlen(under)) != 0) return 0;
  seen++;
  const char *at = getenv("FAIL_AT");
  if (at && atol(at) > 0 && seen >= atol(at)) {
    errno = atoi(getenv("FAIL_ERRNO"));
    return 1;
  }
  return 0;
}

__attribute__((destructor)) static void tell(void) {
  const char *place = getenv("FAIL_COUNT");
  if (!armed() || !place) return;
  FILE *out = fopen(place, "w");
  if (out) { fprintf(out, "%ld", seen); fclose(out); }
}

#define REAL(name, type) static type (*real)() = NULL; if (!real) real = (type (*)())dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *data, size_t size) { REAL("write", ssize_t); return fails(fd) ? -1 : real(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { REAL("pwrite", ssize_t); return fails(fd) ? -1 : real(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { REAL("pwrite64", ssize_t); return fails(fd) ? -1 : real(fd, data, size, at); }
int fsync(int fd) { REAL("fsync", int); return fails(fd) ? -1 : real(fd); }
int fdatasync(int fd) { REAL("fdatasync", int); return fails(fd) ? -1 : real(fd); }
int ftruncate(int fd, off_t to) { REAL("ftruncate", int); return fails(fd) ? -1 : real(fd, to); }
int ftruncate64(int fd, off64_t to) { REAL("ftruncate64", int); return fails(fd) ? -1 : real(fd, to); }
int posix_fallocate(int fd, off_t at, off_t size) { REAL("posix_fallocate", int); return fails(fd) ? errno : real(fd, at, size); }
