#ifndef CORRPARSE_RARE_TEXTS_H
#define CORRPARSE_RARE_TEXTS_H

#include "byte_scan.h"

#include <string.h>

// Whether a text has its rare byte at `at`, among bytes that begin at `start`. The byte may belong to no text.
static inline bool rare_text_stands_at(const uint8_t *at, const uint8_t *start, const uint8_t *end, const rare_texts *texts) {
  if ((size_t)(at - start) < texts->place || (size_t)(end - at) < RARE_TEXT_LENGTH - texts->place) return false;
  uint64_t found;
  memcpy(&found, at - texts->place, RARE_TEXT_LENGTH);
  for (size_t index = 0; index < texts->count; index++) {
    if (found == texts->texts[index]) return true;
  }
  return false;
}

#endif
