#ifndef CORRPARSE_PAIR_LINES_H
#define CORRPARSE_PAIR_LINES_H

#include "line_head.h"

// Where the sign of a pair stands, and the first byte behind it that no value has. `end` is 0 where the text is no pair.
typedef struct {
  size_t sign, end;
} pair_place;

typedef pair_place (*pair_search)(const uint8_t *, size_t, size_t, const pair_form *);

static inline pair_place pair_of(const uint8_t *base, size_t sign, size_t end, const pair_form *form) {
  const bool is_pair = end > sign + 1 && base[end - 1] != form->not_last;
  return (pair_place){sign, is_pair ? end : 0};
}

static inline size_t skip_value(const uint8_t *base, size_t place, size_t end, const pair_form *form) {
  while (place < end && has_byte(&form->value, base[place])) place++;
  return place;
}

// Finds the pair that begins at `start`. No byte at or behind `end` is read.
static __attribute__((noinline)) pair_place find_pair(const uint8_t *base, size_t start, size_t end, const pair_form *form) {
  const size_t limit = end - start > PAIR_NAME_LIMIT + 1 ? start + PAIR_NAME_LIMIT + 1 : end;
  size_t sign = start;
  while (sign < limit && base[sign] != form->sign) sign++;
  if (sign == limit) return (pair_place){0, 0};
  return pair_of(base, sign, skip_value(base, sign + 1, end, form), form);
}

#if HAS_AVX2_VARIANT
// Which of 32 bytes no value has, one bit each.
AVX2 static inline uint32_t no_value_bytes(__m256i bytes, const pair_form *form) {
  const __m256i rows = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)form->rows));
  const __m256i bits = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                        1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i half = _mm256_set1_epi8(0x0F);
  const __m256i row = _mm256_shuffle_epi8(rows, _mm256_and_si256(bytes, half));
  const __m256i bit = _mm256_shuffle_epi8(bits, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
  return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(row, bit), _mm256_setzero_si256()));
}

AVX2 static inline pair_place find_pair_avx2(const uint8_t *base, size_t start, size_t end, const pair_form *form) {
  if (end - start < 32) return find_pair(base, start, end, form);
  __m256i bytes = _mm256_loadu_si256((const __m256i *)(base + start));
  const uint32_t signs = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8((char)form->sign)));
  if (!signs) return (pair_place){0, 0};
  const size_t sign = start + _tzcnt_u32(signs);
  // The bytes up to the first sign do not count.
  uint32_t others = no_value_bytes(bytes, form) & ~(signs ^ (signs - 1));
  size_t place = start;
  while (!others) {
    place += 32;
    if (end - place < 32) return pair_of(base, sign, skip_value(base, place, end, form), form);
    bytes = _mm256_loadu_si256((const __m256i *)(base + place));
    others = no_value_bytes(bytes, form);
  }
  return pair_of(base, sign, place + _tzcnt_u32(others), form);
}
#endif

#endif
