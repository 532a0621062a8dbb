/// Numbers for people: counts with their noun, sizes with their unit.
enum Amount {
  /// `1 log`, `2 logs`.
  static func of(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `512 B`, `1.5 MiB`.
  static func size(_ bytes: Double) -> String {
    var value = bytes
    var units = ["B", "KiB", "MiB", "GiB"][...]
    while value >= 1024, units.count > 1 {
      value /= 1024
      units.removeFirst()
    }
    let tenths = Int((value * 10).rounded())
    let number = units.first == "B" ? "\(Int(value))" : "\(tenths / 10).\(tenths % 10)"
    return "\(number) \(units.first ?? "")"
  }
}
