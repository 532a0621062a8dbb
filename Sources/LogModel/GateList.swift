/// The gates of a record in the order logged. As many as nearly all records have lie in the list itself, so that they take no memory beside
/// the record's.
package struct GateList: Sendable {
  private static let mostInside = 4

  package private(set) var count = 0
  private var inside = InlineArray<4, Gate>(repeating: Gate(name: "", passed: false))
  private var more: [Gate] = []

  /// No gates.
  package init() {}

  /// The gates of an array.
  package init(_ gates: [Gate]) {
    for gate in gates { append(gate) }
  }

  package mutating func append(_ gate: Gate) {
    if count < Self.mostInside { inside[count] = gate } else { more.append(gate) }
    count += 1
  }

  package subscript(index: Int) -> Gate {
    index < Self.mostInside ? inside[index] : more[index - Self.mostInside]
  }

  package var isEmpty: Bool { count == 0 }

  /// Whether there is a gate of a name.
  package func hasGate(_ name: String) -> Bool {
    for index in 0..<count where self[index].name == name { return true }
    return false
  }

  /// The gates as an array.
  package var array: [Gate] { (0..<count).map { self[$0] } }
}

extension GateList: Hashable {
  package static func == (left: GateList, right: GateList) -> Bool { left.array == right.array }

  package func hash(into hasher: inout Hasher) { hasher.combine(array) }
}
