#include "rare_texts.h"

bool rare_texts_add(rare_texts *texts, const uint8_t *text) {
  if (texts->count == RARE_TEXT_LIMIT || texts->place >= RARE_TEXT_LENGTH || text[texts->place] != texts->byte) return false;
  memcpy(&texts->texts[texts->count++], text, RARE_TEXT_LENGTH);
  return true;
}

bool rare_texts_stand(const uint8_t *base, size_t start, size_t end, const rare_texts *texts) {
  const uint8_t *at = base + start, *behind = base + end;
  while (at < behind && (at = memchr(at, texts->byte, (size_t)(behind - at)))) {
    if (rare_text_stands_at(at, base + start, behind, texts)) return true;
    at++;
  }
  return false;
}
