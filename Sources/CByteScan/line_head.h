#ifndef CORRPARSE_LINE_HEAD_H
#define CORRPARSE_LINE_HEAD_H

#include "byte_scan.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define HAS_AVX2_VARIANT 1
#define AVX2 __attribute__((target("avx2,bmi,bmi2")))
// The functions with AVX2 may run only where this is so; other processors take the portable ones.
#define CAN_AVX2() (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
#endif

#define INLINED static inline __attribute__((always_inline))

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

static inline bool has_byte(const byte_set *set, uint8_t byte) { return set->words[byte >> 6] >> (byte & 63) & 1; }

// Whether a line that is long enough has the bytes of the head from a place on.
static inline bool has_rest(const uint8_t *line, const line_head *head, size_t from) {
  for (size_t index = from; index < head->count; index++) {
    if ((uint8_t)(line[index] - head->least[index]) > head->above[index]) return false;
  }
  return true;
}

static inline bool has_head(const uint8_t *line, size_t room, const line_head *head) {
  return room >= head->count && has_rest(line, head, 0);
}

#if HAS_AVX2_VARIANT
// Which of 32 bytes of a line are as the head says.
AVX2 static inline __m256i part_avx2(const uint8_t *line, const line_head *head, size_t from) {
  const __m256i above = _mm256_sub_epi8(_mm256_loadu_si256((const __m256i *)(line + from)),
                                        _mm256_loadu_si256((const __m256i *)(head->least + from)));
  const __m256i most = _mm256_loadu_si256((const __m256i *)(head->above + from));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(above, most), above);
}

AVX2 static inline bool is_whole_avx2(__m256i good) { return _mm256_movemask_epi8(good) == -1; }

// Whether a line begins as the head says that may be shorter than the longest head: no byte behind its end is read.
AVX2 static __attribute__((noinline, unused)) bool has_head_of_short_line_avx2(const uint8_t *line, size_t room, const line_head *head) {
  if (room < head->count) return false;
  size_t index = 0;
  for (; index < head->count && room - index >= 32; index += 32) {
    if (!is_whole_avx2(part_avx2(line, head, index))) return false;
  }
  return has_rest(line, head, index);
}

AVX2 static inline bool has_head_avx2(const uint8_t *line, size_t room, const line_head *head) {
  if (room < LINE_HEAD_LIMIT) return has_head_of_short_line_avx2(line, room, head);
  __m256i good = part_avx2(line, head, 0);
  if (head->count > 32) good = _mm256_and_si256(good, part_avx2(line, head, 32));
  if (head->count > 64) good = _mm256_and_si256(good, part_avx2(line, head, 64));
  return is_whole_avx2(good);
}
#endif

#endif
