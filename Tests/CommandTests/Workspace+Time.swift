extension Workspace {
  /// Writes a text last modified at a time in seconds from 1970.
  func write(_ text: String, to name: String, modified: Int) throws {
    try write(Array(text.utf8), to: name, modified: modified)
  }

  /// Writes a file last modified at a time in seconds from 1970.
  func write(_ bytes: [UInt8], to name: String, modified: Int) throws {
    try write(bytes, to: name)
    setModified(name, to: modified)
  }
}
