/// Codes in the order in which rules found them, each once. They lie in the value itself, so that a verdict takes no memory for them.
package struct DiagnosisCodes: Sendable, Hashable {
  private static let most = 16

  package private(set) var count = 0
  private var codes = InlineArray<16, DiagnosisCode>(repeating: .infraSaturated)

  /// No codes.
  package init() {}

  /// The codes of an array, each once.
  package init(_ codes: [DiagnosisCode]) {
    for code in codes { append(code) }
  }

  /// Adds a code, unless it is there. There are fewer codes than places.
  package mutating func append(_ code: DiagnosisCode) {
    guard count < Self.most, !contains(code) else { return }
    codes[count] = code
    count += 1
  }

  package subscript(index: Int) -> DiagnosisCode {
    precondition(index < count)
    return codes[index]
  }

  package var isEmpty: Bool { count == 0 }

  package var first: DiagnosisCode? { isEmpty ? nil : codes[0] }

  package func contains(_ code: DiagnosisCode) -> Bool {
    for index in 0..<count where codes[index] == code { return true }
    return false
  }

  /// The codes as an array.
  package var array: [DiagnosisCode] { (0..<count).map { codes[$0] } }

  package static func == (left: DiagnosisCodes, right: DiagnosisCodes) -> Bool { left.array == right.array }

  package func hash(into hasher: inout Hasher) { hasher.combine(array) }
}
