/// A key as the same key is known again: ours by what it means, others without case.
enum KeyIdentity: Hashable {
  case known(KeyName)
  case extra(String)
}

/// For each key the entry of its first coming. Keys of ours, which nearly all are, are found by their number.
struct FirstEntries {
  /// The keys of ours that came; the others' places in `known` mean nothing.
  private var came = KeySet()
  private var known: [Int] = []
  private var extras: [String: Int] = [:]

  /// Whether a key of ours came.
  func has(_ name: KeyName) -> Bool { came.contains(name) }

  subscript(key: KeyIdentity) -> Int? {
    switch key {
    case .known(let name): came.contains(name) ? known[name.number] : nil
    case .extra(let folded): extras[folded]
    }
  }

  mutating func insert(_ key: KeyIdentity, entry: Int) {
    switch key {
    case .known(let name): insert(name, entry: entry)
    case .extra(let folded): extras[folded] = entry
    }
  }

  private mutating func insert(_ name: KeyName, entry: Int) {
    if known.isEmpty { known = Array(repeating: 0, count: KeyName.numberOfNames) }
    known[name.number] = entry
    came.insert(name)
  }

  /// Takes note of entries of different keys of ours that had not come, the first of them with this number.
  mutating func insert(_ names: Span<KeyName>, _ set: KeySet, from first: Int) {
    if known.isEmpty { known = Array(repeating: 0, count: KeyName.numberOfNames) }
    came.formUnion(set)
    var places = known.mutableSpan
    for index in names.indices { places[names[index].number] = first + index }
  }

  mutating func removeAll() {
    came = KeySet()
    extras.removeAll()
  }
}
