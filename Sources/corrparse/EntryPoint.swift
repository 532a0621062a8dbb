import Glibc

/// The `main` of C, to which the system hands the arguments. The `main` that `@main` makes drops them.
///
/// Swift's `CommandLine` would search for them afterwards: in /proc/self/cmdline or, where Swift's libraries are linked in, in the memory
/// below the environment. Without /proc, or after a preloaded library has called `setenv`, it finds none and says nothing.
///
/// The name is the one that SwiftPM links as `main` of the target `corrparse`, as tests have a `main` of their own; a build that does not do
/// so fails to link. Neither a target in C is needed for it, whose `main` would collide with that of the tests, nor a constructor,
/// which is handed arguments by glibc alone.
@_cdecl("corrparse_main")
public func corrparseMain(
  _ count: CInt, _ values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  StandardDescriptors.occupy()
  let arguments = unsafe UnsafeMutableBufferPointer(start: values, count: max(0, Int(count)))
  guard unsafe RawArguments.take(arguments) else {
    Diagnostics.say("started without arguments, not even the program's name: the caller has lost them")
    return ExitStatus.usage.rawValue
  }
  unsafe SecretArgument.hide(in: arguments)
  Corrparse.main()
  return ExitStatus.done.rawValue
}
