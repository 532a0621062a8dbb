// Linux's openat2(2), which glibc does not wrap, and getdents64(2), which it shows to GNU programs only. Swift cannot call them by
// syscall(2), as that takes any number of arguments.
#pragma once
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

// Opens a path below a folder, no part of which may be a link or lead out of the folder. Gives the descriptor, or -1 with errno:
// ELOOP for a link, EXDEV where the path leads out, ENOSYS or EPERM where the kernel or a container's filter knows no such call.
static inline int open_beneath(int folder, const char *path, int flags) {
  // struct open_how and RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH of <linux/openat2.h>, which older systems do not have.
  const struct {
    uint64_t flags, mode, resolve;
  } how = {(uint64_t)flags, 0, 0x04 | 0x08};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// Reads entries of an open folder into a buffer. Gives the bytes read, 0 at the end, or -1 with errno.
static inline long read_entries(int folder, void *buffer, size_t count) {
  return syscall(SYS_getdents64, folder, buffer, count);
}
