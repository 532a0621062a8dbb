extension LogTime {
  /// Reads an instant: `2026-03-28T02:14:07.123+0000`, a blank in place of `T`, a comma in place of the point,
  /// an offset with or without colon, `Z`, none (UTC), or the compact `20260328T021407`.
  ///
  /// What Airflow 2's web interface shows is an instant too: `2026-03-28, 02:14:07 UTC`, with `UTC`, `GMT` or an offset.
  ///
  /// Digits of the fraction past the sixth are dropped. A leap second counts as the last microsecond of its
  /// minute. Nil unless the whole text is an instant whose year is 1 to 9999, as written and in UTC.
  public init?(_ text: Span<UInt8>) {
    if let (time, length) = Self.prefix(of: text, from: 0), length == text.count {
      self = time
    } else {
      guard let time = Self.shown(text) else { return nil }
      self = time
    }
  }

  /// The instant as the web interface shows it.
  private static func shown(_ text: Span<UInt8>) -> LogTime? {
    guard text.count > 20, text[10] == UInt8(ascii: ","), text[11] == UInt8(ascii: " ") else { return nil }
    var plain: [UInt8] = []
    for index in 0..<text.count where index != 10 { plain.append(text[index]) }
    guard let (_, end) = prefix(of: plain.span, from: 0), end < plain.count, plain[end] == UInt8(ascii: " ")
    else { return nil }
    switch plain[(end + 1)...] {
    case [UInt8]("UTC".utf8)[...], [UInt8]("GMT".utf8)[...]: plain.replaceSubrange(end..., with: "Z".utf8)
    default: plain.remove(at: end)
    }
    guard let (time, length) = prefix(of: plain.span, from: 0), length == plain.count, length > end else {
      return nil
    }
    return time
  }

  /// Reads an instant from text, as ``init(_:)-(Span<UInt8>)`` does from bytes.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    self.init(bytes.span)
  }

  /// Reads the instant that begins at `start`; gives it and the position after it.
  package static func prefix(of text: Span<UInt8>, from start: Int) -> (time: LogTime, end: Int)? {
    if let (time, end) = usual(text, from: start) { return (time, end) }
    var position = start
    guard let year = digits(4, of: text, at: &position), year > 0 else { return nil }
    let isCompact = byte(of: text, at: position) != UInt8(ascii: "-")
    func skip(_ character: UInt8) -> Bool {
      if isCompact { return true }
      guard byte(of: text, at: position) == character else { return false }
      position += 1
      return true
    }
    guard skip(UInt8(ascii: "-")), let month = digits(2, of: text, at: &position),
      skip(UInt8(ascii: "-")), let day = digits(2, of: text, at: &position),
      let date = CivilDate(checkedYear: year, month: Int(month), day: Int(day)),
      let separator = byte(of: text, at: position),
      separator == UInt8(ascii: "T") || (separator == UInt8(ascii: " ") && !isCompact)
    else { return nil }
    position += 1
    guard let hour = digits(2, of: text, at: &position), hour < 24,
      skip(UInt8(ascii: ":")), let minute = digits(2, of: text, at: &position), minute < 60,
      skip(UInt8(ascii: ":")), let second = digits(2, of: text, at: &position), second <= 60
    else { return nil }
    let fraction = fractionInMicroseconds(of: text, at: &position)
    let offset = offsetInMinutes(of: text, at: &position)
    let inMinute = second == 60 ? 59_999_999 : second * 1_000_000 + fraction
    let minutes = date.daysSinceEpoch * 1440 + hour * 60 + minute - offset
    let time = LogTime(microseconds: minutes * 60_000_000 + inMinute)
    return time.isReadable ? (time, position) : nil
  }

  /// The same for the form that nearly all instants have, `2026-03-28T02:14:07`, with a fraction of three or six digits and with `+0000`,
  /// `Z` or nothing behind it. Nil for all other texts, instants or not.
  private static func usual(_ text: Span<UInt8>, from start: Int) -> (time: LogTime, end: Int)? {
    guard start + 20 <= text.count else { return nil }
    let text = text.extracting(start..<text.count)
    // `0000-00-`, `0-00-00T` and `00:00:00`, the first character in the lowest byte.
    guard
      let year = pairs(text.word(at: 0), like: 0x2D30_302D_3030_3030, 0x0F06_060F_0606_0606),
      let days = pairs(text.word(at: 3), like: 0x5430_302D_3030_2D30, 0x0F06_060F_0606_0F06),
      let clock = pairs(text.word(at: 11), like: 0x3030_3A30_303A_3030, 0x0606_0F06_060F_0606)
    else { return nil }
    let (century, yearInCentury) = (number(in: year, 0), number(in: year, 2))
    let (month, day) = (number(in: year, 5), number(in: days, 5))
    let (hour, minute, second) = (number(in: clock, 0), number(in: clock, 3), number(in: clock, 6))
    guard century + yearInCentury > 0, 1...12 ~= month, 1...28 ~= day, hour < 24, minute < 60, second < 60
    else { return nil }
    var end = 19
    var fraction: Int64 = 0
    if text[19] == UInt8(ascii: ".") {
      guard let (number, next) = usualFraction(text) else { return nil }
      (fraction, end) = (number, next)
    }
    if end < text.count {
      switch text[end] {
      case UInt8(ascii: "Z"): end += 1
      case UInt8(ascii: "+"):
        // `+0000`
        guard end + 5 <= text.count, text.word(at: end - 3) >> 32 == 0x3030_3030 else { return nil }
        end += 5
      default: return nil
      }
    }
    let date = CivilDate(year: Int64(century * 100 + yearInCentury), month: month, day: day)
    let seconds = date.daysSinceEpoch * 86_400 + Int64((hour * 60 + minute) * 60 + second)
    return (LogTime(microseconds: seconds * 1_000_000 + fraction), start + end)
  }

  /// The two-digit numbers that begin with each of eight characters, if the characters have a form: `0` for any digit, every other character
  /// for itself. `room` is added to the difference from the form. The sum has a high half where the character is another: 6 is added for a
  /// digit, so that the difference is at most 9, and 15 for another character, so that there is none.
  private static func pairs(_ word: UInt64, like form: UInt64, _ room: UInt64) -> UInt64? {
    let digits = word ^ form
    guard (digits | (digits &+ room)) & 0xF0F0_F0F0_F0F0_F0F0 == 0 else { return nil }
    return digits &* 10 &+ digits >> 8
  }

  /// The number that begins with a character.
  private static func number(in pairs: UInt64, _ place: UInt64) -> Int {
    Int(pairs >> (8 * place) & 0xFF)
  }

  /// The fraction of three or six digits behind the point at 19, in microseconds, and the place behind it.
  private static func usualFraction(_ text: Span<UInt8>) -> (number: Int64, end: Int)? {
    guard text.count >= 23 else { return nil }
    let (first, second) = (twoDigits(text, 20), digit(text, 22))
    guard first < 100, second < 10 else { return nil }
    let thousandths = first * 10 + second
    if text.count == 23 || digit(text, 23) > 9 { return (Int64(thousandths) * 1000, 23) }
    guard text.count >= 26, digit(text, 23) < 10, twoDigits(text, 24) < 100,
      text.count == 26 || digit(text, 26) > 9
    else { return nil }
    return (Int64(thousandths * 1000 + digit(text, 23) * 100 + twoDigits(text, 24)), 26)
  }

  /// The digit at a place; more than 9 where none stands.
  private static func digit(_ text: Span<UInt8>, _ place: Int) -> Int {
    Int(text[place] &- UInt8(ascii: "0"))
  }

  /// The number of two digits; 100 or more where another byte stands.
  private static func twoDigits(_ text: Span<UInt8>, _ place: Int) -> Int {
    let (tens, ones) = (digit(text, place), digit(text, place + 1))
    return tens < 10 && ones < 10 ? tens * 10 + ones : 100
  }

  private static func byte(of text: Span<UInt8>, at position: Int) -> UInt8? {
    position < text.count ? text[position] : nil
  }

  private static func digits(_ count: Int, of text: Span<UInt8>, at position: inout Int) -> Int64? {
    guard position + count <= text.count else { return nil }
    var number: Int64 = 0
    for index in position..<position + count {
      let digit = text[index]
      guard digit.isASCIIDigit else { return nil }
      number = number * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    position += count
    return number
  }

  private static func fractionInMicroseconds(of text: Span<UInt8>, at position: inout Int) -> Int64 {
    guard let point = byte(of: text, at: position),
      point == UInt8(ascii: ".") || point == UInt8(ascii: ","),
      let first = byte(of: text, at: position + 1), first.isASCIIDigit
    else { return 0 }
    position += 1
    var fraction: Int64 = 0
    var weight: Int64 = 100_000
    while let digit = byte(of: text, at: position), digit.isASCIIDigit {
      fraction += Int64(digit - UInt8(ascii: "0")) * weight
      weight /= 10
      position += 1
    }
    return fraction
  }

  /// Reads `Z`, `+0100` or `+01:00` and moves the position behind it. 0 where no offset stands; the position stays.
  private static func offsetInMinutes(of text: Span<UInt8>, at position: inout Int) -> Int64 {
    guard let sign = byte(of: text, at: position) else { return 0 }
    if sign == UInt8(ascii: "Z") {
      position += 1
      return 0
    }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return 0 }
    var end = position + 1
    guard let hours = digits(2, of: text, at: &end), hours < 24 else { return 0 }
    if byte(of: text, at: end) == UInt8(ascii: ":") { end += 1 }
    guard let minutes = digits(2, of: text, at: &end), minutes < 60 else { return 0 }
    position = end
    return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -1 : 1)
  }
}
