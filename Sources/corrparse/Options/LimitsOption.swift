import ArgumentParser
import CorrelationGrammar
import LogInput

/// What one log may cost, where somebody wants other limits than those of 6-bars, Limits.
struct LimitsOption: ParsableArguments {
  private static let variable = "CORRPARSE_LIMITS"

  @Option(
    help: ArgumentHelp(
      """
      Another limit on what one log may cost: decompressed=16GiB, expansion=250, path-depth=64, block-lines=256, block-bytes=64KiB, \
      json-line=4MiB, open-blocks=64 are the defaults. Can be given several times (default: $CORRPARSE_LIMITS, several with blanks between).
      """,
      valueName: "name=n"))
  var limit: [String] = []

  func validate() throws {
    for text in limit {
      if let fault = Self.fault(of: text) { throw ValidationError("--limit: \(fault)") }
    }
  }

  /// The limits that count: those of the environment, then those of the flags.
  /// - Throws: A configuration error where `CORRPARSE_LIMITS` holds something else than limits.
  func resolved() throws -> (read: ReadLimits, scan: ScanLimits) {
    var limits = (read: ReadLimits(), scan: ScanLimits())
    let given = (Environment[Self.variable] ?? "").split(separator: " ").map(String.init)
    for text in given {
      if let fault = Self.fault(of: text) {
        Diagnostics.say("\(Self.variable): \(fault)")
        throw ExitStatus.configuration.exit
      }
    }
    for text in given + limit {
      if let (name, value) = Self.read(text) { name.set(value, in: &limits) }
    }
    return limits
  }

  /// What is wrong with a limit; nil where nothing is.
  private static func fault(of text: String) -> String? {
    if read(text) != nil { return nil }
    let name = Name(rawValue: String(text.prefix { $0 != "=" }))
    guard let name else {
      let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
      return "'\(SecretArgument.shown(text))' is no limit; there are \(names), each as NAME=NUMBER"
    }
    return
      "\(name.rawValue) is a number from \(name.allowed.lowerBound) to \(name.allowed.upperBound), KiB, MiB or GiB behind it or not"
  }

  private static func read(_ text: String) -> (name: Name, value: Int)? {
    guard let sign = text.firstIndex(of: "="), let name = Name(rawValue: String(text[..<sign])) else {
      return nil
    }
    var digits = text[text.index(after: sign)...]
    var shift = 0
    for (unit, bits) in [("KiB", 10), ("MiB", 20), ("GiB", 30)] where digits.hasSuffix(unit) {
      digits = digits.dropLast(unit.count)
      shift = bits
    }
    guard digits.allSatisfy({ "0"..."9" ~= $0 }), let number = Int(digits), number <= Int.max >> shift,
      name.allowed.contains(number << shift)
    else { return nil }
    return (name, number << shift)
  }

  private enum Name: String, CaseIterable {
    case decompressed, expansion
    case pathDepth = "path-depth"
    case blockLines = "block-lines"
    case blockBytes = "block-bytes"
    case jsonLine = "json-line"
    case openBlocks = "open-blocks"

    /// What is held for a limit has to fit in memory, and paths on the stack.
    var allowed: ClosedRange<Int> {
      switch self {
      case .decompressed: 1...Int.max
      case .expansion: 1...1_000_000
      case .pathDepth: 1...1000
      case .blockLines: 1...1_000_000
      case .blockBytes: 1024...64 << 20
      case .jsonLine: 1024...1 << 30
      case .openBlocks: 1...4096
      }
    }

    func set(_ value: Int, in limits: inout (read: ReadLimits, scan: ScanLimits)) {
      switch self {
      case .decompressed: limits.read.decompressedBytes = value
      case .expansion: limits.read.expansion = value
      case .pathDepth: limits.read.pathDepth = value
      case .blockLines: limits.scan.blockLines = value
      case .blockBytes: limits.scan.blockBytes = value
      case .jsonLine: limits.scan.jsonLineBytes = value
      case .openBlocks: limits.scan.openBlocks = value
      }
    }
  }
}
