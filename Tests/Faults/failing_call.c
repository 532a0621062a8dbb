// A library to be preloaded: makes one call of the C library fail as if the operating system had refused it.
//
//   FAULT_CALL   read, open, folder (openat of a folder), list (getdents64), stat or realpath
//   FAULT_PATH   the end of the path that the call is about
//   FAULT_AT     which of these calls fails, from 1; 0 for all of them
//   FAULT_ERRNO  the number of the error
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_int calls;

static int ends_with(const char *path, const char *end) {
  size_t length = strlen(path), rest = strlen(end);
  return length >= rest && strcmp(path + length - rest, end) == 0;
}

// Whether this call is the one that fails; sets errno then.
static int fails(const char *call, const char *path) {
  const char *wanted = getenv("FAULT_CALL"), *end = getenv("FAULT_PATH");
  if (!wanted || !end || strcmp(wanted, call) != 0 || !ends_with(path, end)) return 0;
  int at = atoi(getenv("FAULT_AT")), now = atomic_fetch_add(&calls, 1) + 1;
  if (at != 0 && at != now) return 0;
  errno = atoi(getenv("FAULT_ERRNO"));
  return 1;
}

static int fails_at(const char *call, int descriptor) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count < 0) return 0;
  path[count] = 0;
  return fails(call, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t read(int descriptor, void *buffer, size_t count) {
  if (fails_at("read", descriptor)) return -1;
  return REAL(read)(descriptor, buffer, count);
}

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if (fails(flags & O_DIRECTORY ? "folder" : "open", path)) return -1;
  return REAL(openat)(folder, path, flags, mode);
}

// openat2(2) has no function of its own, and getdents64(2) is called without it.
long syscall(long number, ...) {
  long values[6];
  va_list rest;
  va_start(rest, number);
  for (int index = 0; index < 6; index++) values[index] = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_openat2 && fails("open", (const char *)values[1])) return -1;
  if (number == SYS_getdents64 && fails_at("list", (int)values[0])) return -1;
  return REAL(syscall)(number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

int stat(const char *path, struct stat *status) {
  if (fails("stat", path)) return -1;
  return REAL(stat)(path, status);
}

int lstat(const char *path, struct stat *status) {
  if (fails("stat", path)) return -1;
  return REAL(lstat)(path, status);
}

int fstatat(int folder, const char *path, struct stat *status, int flags) {
  if (fails("stat", path)) return -1;
  return REAL(fstatat)(folder, path, status, flags);
}

int fstat(int descriptor, struct stat *status) {
  if (fails_at("fstat", descriptor)) return -1;
  return REAL(fstat)(descriptor, status);
}

char *realpath(const char *path, char *resolved) {
  if (fails("realpath", path)) return NULL;
  return REAL(realpath)(path, resolved);
}
