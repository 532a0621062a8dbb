import Glibc
import SystemPackage

/// The command line as bytes: paths need not be UTF-8, and a `String` would lose what is none.
///
/// An argument that is no UTF-8 goes through the parser as a stand-in, a private-use character and the argument's number, and
/// becomes a path again here. So does a long run of names, for which one stand-in goes through the parser: what it takes grows with the square of
/// the number of arguments.
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
  static let all: [String] = unsafe bytes.enumerated().map { index, argument in
    String(validating: argument, as: UTF8.self) ?? mark + String(index)
  }

  private static let groupMark = "\u{F8FF}arguments "
  /// Of a run of names the first are left alone: commands, and an option's value, are among them.
  private static let leftAlone = 3
  /// A shorter run is left as it is.
  private static let longRun = 100

  /// The runs of names for which a stand-in goes through the parser.
  private static let groups: [Range<Int>] = {
    guard !all.contains(where: { $0.hasPrefix(groupMark) }) else { return [] }
    var groups: [Range<Int>] = []
    var start = 0
    for index in 0...all.count where index == all.count || all[index].hasPrefix("-") {
      if index - start >= longRun { groups.append(start + leftAlone..<index) }
      start = index + 1
    }
    return groups
  }()

  /// The arguments for the parser.
  static let forParser: [String] = {
    var arguments: [String] = []
    var start = 0
    for (number, group) in groups.enumerated() {
      arguments += all[start..<group.lowerBound]
      arguments.append(groupMark + String(number))
      start = group.upperBound
    }
    return arguments + all[start...]
  }()

  /// The names that the parser took, with those in place of their stand-ins that it was not shown.
  static func names(_ arguments: [String]) -> [String] {
    guard !groups.isEmpty else { return arguments }
    return arguments.flatMap { argument in group(argument).map { Array(all[$0]) } ?? [argument] }
  }

  private static func group(_ argument: String) -> Range<Int>? {
    guard argument.hasPrefix(groupMark), let number = Int(argument.dropFirst(groupMark.count)),
      groups.indices.contains(number)
    else { return nil }
    return groups[number]
  }

  /// A message of the parser, with the first of the names that it was not shown and the number of the others.
  static func shown(_ message: String) -> String {
    var message = message
    for (number, group) in groups.enumerated() {
      message = message.replacing(
        groupMark + String(number), with: all[group.lowerBound] + " and \(group.count - 1) more")
    }
    return message
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
