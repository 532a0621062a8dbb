#define _GNU_SOURCE
#include "line_letters.h"

#include <string.h>

static void add_start(line_letters *letters, uint8_t first, uint8_t second) {
  letters->starts[first - 'a'] |= (uint32_t)1 << (second - 'a');
}

bool line_letters_add(line_letters *letters, const uint8_t *word, size_t count) {
  if (letters->count == LINE_WORD_LIMIT || count == 0 || count > LINE_WORD_LENGTH) return false;
  for (size_t index = 0; index < count; index++) {
    if ((uint8_t)(word[index] - 'a') >= 26) return false;
  }
  line_word *added = &letters->words[letters->count++];
  memcpy(added->bytes, word, count);
  added->count = count;
  if (letters->count == 1) {
    while (letters->twins + 2 < count && word[letters->twins] != word[letters->twins + 1]) letters->twins++;
  }
  for (size_t index = 0; index < letters->count; index++) {
    const line_word *first = &letters->words[index];
    if (first->count > 1) add_start(letters, first->bytes[0], first->bytes[1]);
    // Behind a word of one letter any other word can begin.
    for (size_t next = 0; first->count == 1 && next < letters->count; next++) {
      add_start(letters, first->bytes[0], letters->words[next].bytes[0]);
    }
  }
  return true;
}

bool letters_go_on(const uint8_t *at, const uint8_t *end, const line_word *word, size_t from, bool has_escapes) {
  for (; from < word->count; at++) {
    if (at >= end || *at == '\n') return false;
    if (has_escapes && *at == '\\') at++;
    else if (is_letter(*at) && (*at | 0x20) != word->bytes[from++]) return false;
  }
  return true;
}

bool has_first_word(const uint8_t *text, const uint8_t *end, const line_letters *letters, bool has_escapes) {
  const line_word *word = &letters->words[0];
  const uint8_t first[] = {word->bytes[0], word->bytes[0] & ~0x20};
  for (size_t letter = 0; letter < 2; letter++) {
    const uint8_t *found = text;
    while (found < end && (found = memchr(found, first[letter], (size_t)(end - found)))) {
      if (letters_go_on(++found, end, word, 1, has_escapes)) return true;
    }
  }
  return false;
}

bool has_first_word_at(const uint8_t *line, const uint8_t *twin, const uint8_t *end, const line_letters *letters) {
  const line_word *word = &letters->words[0];
  size_t left = letters->twins + 1;
  for (const uint8_t *at = twin; left > 0;) {
    if (at == line) return false;
    at--;
    if (is_letter(*at) && (*at | 0x20) != word->bytes[--left]) return false;
  }
  return letters_go_on(twin + 1, end, word, letters->twins + 2, false);
}

bool line_has_only(const line_letters *letters, const uint8_t *text, size_t count) {
  const uint8_t *at = text, *end = text + count;
  bool has_first = false;
  while (true) {
    while (at < end && !is_letter(*at)) at++;
    if (at == end) return has_first;
    size_t number = 0;
    while (number < letters->count && letters->words[number].bytes[0] != (*at | 0x20)) number++;
    if (number == letters->count || (number == 0 && has_first)) return false;
    has_first |= number == 0;
    const line_word *word = &letters->words[number];
    for (size_t index = 0; index < word->count; at++) {
      if (at == end) return false;
      if (is_letter(*at) && (*at | 0x20) != word->bytes[index++]) return false;
    }
  }
}
