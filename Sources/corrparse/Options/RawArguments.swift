import Glibc
import SystemPackage

/// The command line as bytes: paths need not be UTF-8, and a `String` would lose what is none.
///
/// An argument that is no UTF-8 goes through the parser as a stand-in, a private-use character and the argument's number, and
/// becomes a path again here.
enum RawArguments {
  private static let mark = "\u{F8FF}argument "

  /// Written once by ``take(_:)``, before there is a second thread.
  nonisolated(unsafe) private static var bytes: [[UInt8]] = []

  /// Copies the arguments that `main` was handed. To be called once, before anything else of this type.
  /// - Returns: False where there is not even the program's name. Linux hands over argc 0 then, and since 5.18 one empty name.
  static func take(_ arguments: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>) -> Bool {
    let all = unsafe arguments.prefix { unsafe $0 != nil }.map { argument in
      unsafe UnsafeBufferPointer(start: argument, count: argument.map { unsafe strlen($0) } ?? 0)
        .map { UInt8(bitPattern: $0) }
    }
    unsafe bytes = Array(all.dropFirst())
    return !all.isEmpty && all != [[]]
  }

  /// The arguments without the program's name.
  static let forParser: [String] = unsafe bytes.enumerated().map { index, argument in
    String(validating: argument, as: UTF8.self) ?? mark + String(index)
  }

  /// The path that an argument names.
  static func path(_ argument: String) -> FilePath {
    let bytes = unsafe bytes
    guard argument.hasPrefix(mark), let index = Int(argument.dropFirst(mark.count)),
      bytes.indices.contains(index),
      String(validating: bytes[index], as: UTF8.self) == nil
    else { return FilePath(argument) }
    return unsafe FilePath(platformString: bytes[index].map { CChar(bitPattern: $0) } + [0])
  }
}
