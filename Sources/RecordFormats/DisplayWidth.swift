/// How wide text is in a terminal, and how it is made to fit.
public enum DisplayWidth {
  /// How many columns a terminal gives the text.
  public static func of(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + width($1) }
  }

  /// The text in at most `most` columns; what is cut off leaves a `…`, so that nobody takes a part for the whole.
  public static func cut(_ text: String, to most: Int) -> String {
    guard of(text) > most else { return text }
    guard most > 0 else { return "" }
    var (result, used) = ("", 1)
    for character in text {
      used += width(character)
      if used > most { break }
      result.append(character)
    }
    return result + "…"
  }

  /// The beginning and the end of a text in at most `most` columns, for names of which either can tell one from another.
  public static func ends(of text: String, in most: Int) -> String {
    guard of(text) > most else { return text }
    guard most > 2 else { return cut(text, to: most) }
    let end = self.end(of: text, in: most - most / 2)
    return String(cut(text, to: most / 2 + 1).dropLast()) + end
  }

  /// The end of the text in at most `most` columns, for paths: their end says more than their beginning.
  public static func end(of text: String, in most: Int) -> String {
    guard of(text) > most else { return text }
    guard most > 0 else { return "" }
    var (kept, used) = ([Character](), 1)
    for character in text.reversed() {
      used += width(character)
      if used > most { break }
      kept.append(character)
    }
    return "…" + String(kept.reversed())
  }

  /// The text with blanks up to a width.
  public static func padded(_ text: String, to width: Int, isRight: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - of(text)))
    return isRight ? blanks + text : text + blanks
  }

  /// The words of a text in lines of at most `most` columns, the second and later ones indented. A word that is longer is cut.
  public static func lines(_ text: String, in most: Int?, indent: Int = 2) -> [String] {
    guard let most, of(text) > most else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty {
        line = cut(String(word), to: most)
      } else if of(line) + 1 + of(String(word)) <= most {
        line += " " + word
      } else {
        lines.append(line)
        line = cut(String(repeating: " ", count: indent) + word, to: most)
      }
    }
    return lines + [line]
  }

  /// One or two columns. East Asian wide characters and emoji take two (Unicode, UAX 11).
  private static func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first, scalar.value >= 0x1100 else { return 1 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default:
      return scalar.properties.isEmojiPresentation ? 2 : 1
    }
  }
}
