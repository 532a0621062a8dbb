// What reading many gzipped logs costs at least: opens each file that standard input names and inflates it through ISA-L, with
// nothing done to the bytes.
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint8_t input[256 * 1024];
static uint8_t output[256 * 1024];
static struct inflate_state state;

static int inflate_file(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  isal_inflate_init(&state);
  state.crc_flag = ISAL_GZIP;
  int failed = 0;
  while (state.block_state != ISAL_BLOCK_FINISH) {
    if (state.avail_in == 0) {
      ssize_t count = read(file, input, sizeof input);
      if (count <= 0) {
        failed = -1;
        break;
      }
      state.next_in = input;
      state.avail_in = (uint32_t)count;
    }
    state.next_out = output;
    state.avail_out = sizeof output;
    if (isal_inflate(&state) != ISAL_DECOMP_OK) {
      failed = -1;
      break;
    }
  }
  close(file);
  return failed;
}

int main(void) {
  static char path[4096];
  while (fgets(path, sizeof path, stdin)) {
    path[strcspn(path, "\n")] = 0;
    if (inflate_file(path)) {
      perror(path);
      return 1;
    }
  }
  return 0;
}
