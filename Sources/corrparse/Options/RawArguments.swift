import SystemPackage

/// The command line as bytes: paths need not be UTF-8, and a `String` would lose what is none.
///
/// An argument that is no UTF-8 goes through the parser as a stand-in, a private-use character and the argument's number, and
/// becomes a path again here.
enum RawArguments {
  private static let mark = "\u{F8FF}argument "

  /// The arguments without the program's name.
  static let forParser: [String] = bytes.enumerated().map { index, argument in
    String(validating: argument, as: UTF8.self) ?? mark + String(index)
  }

  /// The path that an argument names.
  static func path(_ argument: String) -> FilePath {
    guard argument.hasPrefix(mark), let index = Int(argument.dropFirst(mark.count)),
      bytes.indices.contains(index),
      String(validating: bytes[index], as: UTF8.self) == nil
    else { return FilePath(argument) }
    return unsafe FilePath(platformString: bytes[index].map { CChar(bitPattern: $0) } + [0])
  }

  private static let bytes: [[UInt8]] = {
    var arguments: [[UInt8]] = []
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let start = unsafe CommandLine.unsafeArgv[index] else { break }
      var argument: [UInt8] = []
      var next = unsafe start
      while unsafe next.pointee != 0 {
        unsafe argument.append(UInt8(bitPattern: next.pointee))
        unsafe next += 1
      }
      arguments.append(argument)
    }
    return arguments
  }()
}
