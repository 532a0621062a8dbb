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

static inline bool has_head(const uint8_t *line, size_t room, const line_head *head) {
  if (room < head->count) return false;
  for (size_t index = 0; index < head->count; index++) {
    if (head->digits[index] ? !is_digit(line[index]) : line[index] != head->bytes[index]) return false;
  }
  return true;
}

#if HAS_AVX2_VARIANT
AVX2 static inline bool has_head_avx2(const uint8_t *line, size_t room, const line_head *head) {
  if (room < LINE_HEAD_LIMIT) return has_head(line, room, head);
  const __m256i zero = _mm256_set1_epi8('0'), nine = _mm256_set1_epi8(9);
  for (size_t index = 0; index < head->count; index += 32) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(line + index));
    const __m256i digit = _mm256_sub_epi8(bytes, zero);
    const __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digit, nine), digit);
    const __m256i is_same = _mm256_cmpeq_epi8(bytes, _mm256_loadu_si256((const __m256i *)(head->bytes + index)));
    const __m256i good =
        _mm256_blendv_epi8(is_same, is_digit, _mm256_loadu_si256((const __m256i *)(head->digits + index)));
    const uint32_t wrong = ~(uint32_t)_mm256_movemask_epi8(good);
    const size_t left = head->count - index;
    if (left >= 32 ? wrong != 0 : _bzhi_u32(wrong, (uint32_t)left) != 0) return false;
  }
  return true;
}
#endif

#endif
