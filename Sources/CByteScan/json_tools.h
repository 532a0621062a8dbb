#ifndef CORRPARSE_JSON_TOOLS_H
#define CORRPARSE_JSON_TOOLS_H

#include "line_head.h"

#include <string.h>

// The place of the first byte that a plain JSON string cannot have: a quote, a backslash or a control character. `has_seldom` may be true
// only because a byte like the seldom one stands a little behind that place.
typedef struct {
  size_t end;
  bool has_seldom;
} plain_text;

typedef plain_text (*plain_search)(const uint8_t *, size_t, size_t, uint8_t);
typedef bool (*head_test)(const uint8_t *, size_t, const line_head *);
typedef bool (*same_test)(const uint8_t *, const uint8_t *, size_t);
typedef size_t (*digit_search)(const uint8_t *, size_t, size_t);

// What differs between the machines that have AVX2 and the others.
typedef struct {
  plain_search plain;
  head_test is_head;
  same_test is_same;
  digit_search skip_digits;
} json_tools;

static inline bool is_same(const uint8_t *text, const uint8_t *other, size_t count) { return memcmp(text, other, count) == 0; }

static __attribute__((noinline)) plain_text plain(const uint8_t *base, size_t place, size_t end, uint8_t seldom) {
  plain_text text = {place, false};
  for (; text.end < end; text.end++) {
    const uint8_t byte = base[text.end];
    if (byte == '"' || byte == '\\' || byte < 0x20) break;
    text.has_seldom |= byte == seldom;
  }
  return text;
}

static inline size_t skip_digits(const uint8_t *base, size_t place, size_t end) {
  while (place < end && is_digit(base[place])) place++;
  return place;
}

static const json_tools portable = {plain, has_head, is_same, skip_digits};

#if HAS_AVX2_VARIANT
AVX2 static inline plain_text plain_avx2(const uint8_t *base, size_t place, size_t end, uint8_t seldom) {
  const __m256i turn = _mm256_set1_epi8('"' ^ ' '), blank = _mm256_set1_epi8(' '), backslash = _mm256_set1_epi8('\\');
  const __m256i rare = _mm256_set1_epi8((char)seldom);
  __m256i is_rare = _mm256_setzero_si256();
  for (; place + 32 <= end; place += 32) {
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(base + place));
    // The quote turns into a blank, the blank into a quote, and control characters turn into each other.
    const __m256i turned = _mm256_xor_si256(bytes, turn);
    const __m256i is_low = _mm256_cmpeq_epi8(_mm256_min_epu8(turned, blank), turned);
    is_rare = _mm256_or_si256(is_rare, _mm256_cmpeq_epi8(bytes, rare));
    const uint32_t found = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(is_low, _mm256_cmpeq_epi8(bytes, backslash)));
    if (found) return (plain_text){place + _tzcnt_u32(found), !_mm256_testz_si256(is_rare, is_rare)};
  }
  plain_text rest = plain(base, place, end, seldom);
  rest.has_seldom |= !_mm256_testz_si256(is_rare, is_rare);
  return rest;
}

AVX2 static inline __m256i equal_bytes(const uint8_t *text, const uint8_t *other) {
  return _mm256_cmpeq_epi8(_mm256_loadu_si256((const __m256i *)text), _mm256_loadu_si256((const __m256i *)other));
}

// The last bytes are compared together with some before them.
AVX2 static inline bool is_same_avx2(const uint8_t *text, const uint8_t *other, size_t count) {
  if (count < 32) return is_same(text, other, count);
  const uint8_t *last = text + count - 32;
  __m256i good = equal_bytes(last, other + count - 32);
// Pieces have few parts of 64 bytes, for which unrolled loops only have more to set up.
#pragma clang loop unroll(disable)
  for (; last - text > 32; text += 64, other += 64) {
    good = _mm256_and_si256(good, equal_bytes(text, other));
    good = _mm256_and_si256(good, equal_bytes(text + 32, other + 32));
  }
  if (text < last) good = _mm256_and_si256(good, equal_bytes(text, other));
  return (uint32_t)_mm256_movemask_epi8(good) == UINT32_MAX;
}

// Eight bytes at a time: the sum sets the highest bit of a byte that is no digit. A carry reaches only bytes behind such a byte.
static inline size_t skip_digits_by_eight(const uint8_t *base, size_t place, size_t end) {
  while (end - place >= 8) {
    uint64_t bytes;
    memcpy(&bytes, base + place, 8);
    bytes ^= 0x3030303030303030;
    const uint64_t others = ((bytes + 0x7676767676767676) | bytes) & 0x8080808080808080;
    if (others) return place + (size_t)__builtin_ctzll(others) / 8;
    place += 8;
  }
  return skip_digits(base, place, end);
}

static const json_tools with_avx2 = {plain_avx2, has_head_avx2, is_same_avx2, skip_digits_by_eight};
#endif

#endif
