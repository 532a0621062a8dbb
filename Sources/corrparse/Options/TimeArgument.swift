import ArgumentParser
import LogModel

/// A point in time on the command line: a date, a timestamp with or without seconds, or an age such as `7d`.
struct TimeArgument: ExpressibleByArgument {
  let time: LogTime
  /// Whether it was given as an age of nothing (`0d`), which is the present itself.
  let isPresent: Bool

  /// The forms that are understood, for the message about another one.
  static let forms = "a date (2026-03-28), a timestamp (2026-03-28T12:30:00Z) or an age (30m, 12h, 7d, 2w)"

  init?(argument: String) {
    if let age = Self.age(argument) {
      let time = LogTime(microseconds: LogTime.now.microseconds - age)
      guard time.isReadable else { return nil }
      self.time = time
      isPresent = age == 0
    } else if let time = LogTime(argument) ?? LogTime(argument + "T00:00:00") ?? Self.withoutSeconds(argument)
    {
      self.time = time
      isPresent = false
    } else {
      return nil
    }
  }

  /// The instant in a timestamp without seconds: `2026-03-28T12:30`, with a zone or without.
  private static func withoutSeconds(_ text: String) -> LogTime? {
    let minute = "2026-03-28T12:30".utf8.count
    guard let end = text.utf8.index(text.startIndex, offsetBy: minute, limitedBy: text.endIndex) else {
      return nil
    }
    return LogTime(text[..<end] + ":00" + text[end...])
  }

  /// The microseconds of an age: `7d`, `12h`, `30m`, `2w`. Nil if the text is no age.
  private static func age(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), count >= 0,
      count <= 1_000_000
    else { return nil }
    return count * unit * 1_000_000
  }
}
