import CLibPQ

/// What libpq says of its options.
enum LibpqOptions {
  /// The names of all of them.
  static var names: [String] {
    guard let options = unsafe PQconndefaults() else { return [] }
    defer { unsafe PQconninfoFree(options) }
    var names: [String] = []
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      names.append(unsafe String(cString: keyword))
      unsafe option += 1
    }
    return names
  }

  /// Names and values of a list, which it frees; an option without a value is left out. Nil where there is no list.
  @unsafe static func taking(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String]? {
    guard let options = unsafe options else { return nil }
    defer { unsafe PQconninfoFree(options) }
    var found: [String: String] = [:]
    var option = unsafe options
    while let keyword = unsafe option.pointee.keyword {
      if let value = unsafe option.pointee.val {
        found[unsafe String(cString: keyword)] = unsafe String(cString: value)
      }
      unsafe option += 1
    }
    return found
  }

  /// Begins to connect with these options; nil without memory.
  static func start(_ options: [(name: String, value: String)]) -> OpaquePointer? {
    let keywords = CStringArray(options.map { [UInt8]($0.name.utf8) + [0] } + [nil])
    let values = CStringArray(options.map { [UInt8]($0.value.utf8.filter { $0 != 0 }) + [0] } + [nil])
    return unsafe PQconnectStartParams(keywords.pointers, values.pointers, 1)
  }
}
