#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <string.h>

// struct inflate_state holds arrays of 64 KiB, which Swift does not import. It stays opaque there, and what has to be
// seen of it is asked for here.

struct corrparse_isal_step {
  uint32_t taken;
  uint32_t given;
  // Below 0 where ISA-L refuses the data.
  int code;
};

struct corrparse_isal_bits {
  uint64_t bits;
  uint32_t count;
};

static const uint32_t corrparse_isal_window = ISAL_DEF_HIST_SIZE;

static inline size_t corrparse_isal_size(void) { return sizeof(struct inflate_state); }

static inline void corrparse_isal_begin(void *memory) {
  struct inflate_state *state = (struct inflate_state *)memory;
  isal_inflate_init(state);
  state->crc_flag = ISAL_DEFLATE;
}

static inline struct corrparse_isal_step corrparse_isal_inflate(
    void *memory, const uint8_t *input, uint32_t input_count, uint8_t *output, uint32_t output_count) {
  struct inflate_state *state = (struct inflate_state *)memory;
  state->next_in = (uint8_t *)input;
  state->avail_in = input_count;
  state->next_out = output;
  state->avail_out = output_count;
  struct corrparse_isal_step step;
  step.code = isal_inflate(state);
  step.taken = input_count - state->avail_in;
  step.given = output_count - state->avail_out;
  return step;
}

// Inflates a whole stream at once, from its first byte. isal_inflate decodes the first 64 KiB of a stream into a buffer of its own and
// copies them; this does not. Where the code is not 0, the stream does not end within the input, does not fit into the output, or is
// refused, and the state has to begin anew.
static inline struct corrparse_isal_step corrparse_isal_inflate_whole(
    void *memory, const uint8_t *input, uint32_t input_count, uint8_t *output, uint32_t output_count) {
  struct inflate_state *state = (struct inflate_state *)memory;
  state->next_in = (uint8_t *)input;
  state->avail_in = input_count;
  state->next_out = output;
  state->avail_out = output_count;
  struct corrparse_isal_step step;
  step.code = isal_inflate_stateless(state);
  step.taken = input_count - state->avail_in;
  step.given = output_count - state->avail_out;
  return step;
}

// Bits that were read ahead of what has been decoded. (Above their number ISA-L leaves others standing.)
static inline struct corrparse_isal_bits corrparse_isal_get_bits(const void *memory) {
  const struct inflate_state *state = (const struct inflate_state *)memory;
  struct corrparse_isal_bits ahead = {state->read_in, state->read_in_length < 0 ? 0 : (uint32_t)state->read_in_length};
  if (ahead.count < 64) ahead.bits &= ((uint64_t)1 << ahead.count) - 1;
  return ahead;
}

static inline void corrparse_isal_set_bits(void *memory, struct corrparse_isal_bits ahead) {
  struct inflate_state *state = (struct inflate_state *)memory;
  state->read_in = ahead.bits;
  state->read_in_length = (int32_t)ahead.count;
}

static inline int corrparse_isal_is_at_header(const void *memory) {
  return ((const struct inflate_state *)memory)->block_state == ISAL_BLOCK_NEW_HDR;
}

static inline int corrparse_isal_is_stored(const void *memory) {
  return ((const struct inflate_state *)memory)->block_state == ISAL_BLOCK_TYPE0;
}

// Whether the block that was said to be the last one is decoded.
static inline int corrparse_isal_is_at_end(const void *memory) {
  enum isal_block_state now = ((const struct inflate_state *)memory)->block_state;
  return now == ISAL_BLOCK_INPUT_DONE || now == ISAL_BLOCK_FINISH;
}

static inline void corrparse_isal_expect_header(void *memory) {
  ((struct inflate_state *)memory)->block_state = ISAL_BLOCK_NEW_HDR;
}

// How many decoded bytes ISA-L holds because the output was full.
static inline uint32_t corrparse_isal_pending(const void *memory) {
  const struct inflate_state *state = (const struct inflate_state *)memory;
  return (uint32_t)(state->tmp_out_valid - state->tmp_out_processed);
}

// Moves such bytes to the output.
static inline uint32_t corrparse_isal_drain(void *memory, uint8_t *output, uint32_t output_count) {
  struct inflate_state *state = (struct inflate_state *)memory;
  uint32_t count = corrparse_isal_pending(memory);
  if (count > output_count) count = output_count;
  memcpy(output, &state->tmp_out_buffer[state->tmp_out_processed], count);
  state->tmp_out_processed += (int32_t)count;
  return count;
}

// ISA-L forgets its window behind a last block. Keeps the end of what was given out by the call that ended it, where
// that is a whole window; else ISA-L's own buffer still holds everything.
static inline void corrparse_isal_keep_window(void *memory, const uint8_t *output_end, uint32_t given) {
  struct inflate_state *state = (struct inflate_state *)memory;
  uint32_t pending = corrparse_isal_pending(memory);
  if (given < ISAL_DEF_HIST_SIZE || pending > ISAL_LOOK_AHEAD) return;
  memmove(&state->tmp_out_buffer[ISAL_DEF_HIST_SIZE], &state->tmp_out_buffer[state->tmp_out_processed], pending);
  memcpy(state->tmp_out_buffer, output_end - ISAL_DEF_HIST_SIZE, ISAL_DEF_HIST_SIZE);
  state->tmp_out_processed = ISAL_DEF_HIST_SIZE;
  state->tmp_out_valid = ISAL_DEF_HIST_SIZE + (int32_t)pending;
}

// Moves the window to the front of ISA-L's buffer, where it expects it when nothing is pending.
static inline void corrparse_isal_settle(void *memory) {
  struct inflate_state *state = (struct inflate_state *)memory;
  int32_t excess = state->tmp_out_valid - ISAL_DEF_HIST_SIZE;
  if (excess <= 0 || state->tmp_out_processed != state->tmp_out_valid) return;
  memmove(state->tmp_out_buffer, &state->tmp_out_buffer[excess], ISAL_DEF_HIST_SIZE);
  state->tmp_out_valid = state->tmp_out_processed = ISAL_DEF_HIST_SIZE;
}

// Copies the window, at most corrparse_isal_window bytes, where nothing is pending.
static inline uint32_t corrparse_isal_copy_window(const void *memory, uint8_t *window) {
  const struct inflate_state *state = (const struct inflate_state *)memory;
  int32_t count = state->tmp_out_valid < ISAL_DEF_HIST_SIZE ? state->tmp_out_valid : ISAL_DEF_HIST_SIZE;
  memcpy(window, &state->tmp_out_buffer[state->tmp_out_valid - count], (size_t)count);
  return (uint32_t)count;
}
