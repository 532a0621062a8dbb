import Glibc

/// The `main` of C, to which the system hands the arguments. The `main` that `@main` makes drops them.
///
/// Swift's `CommandLine` would have to find the arguments again: in /proc/self/cmdline or, if Swift's libraries are linked in, in the
/// memory below the environment. Without /proc, or after a preloaded library has called `setenv`, it silently finds none.
///
/// SwiftPM links a function of this name as `main` of the target `corrparse`, so that tests can have a `main` of their own. A build that
/// does not do so fails to link. A target in C would not do, because its `main` would collide with that of the tests. A constructor would
/// not do either, because only glibc hands arguments to constructors.
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
  if let fault = SystemLimits.smallStack {
    Diagnostics.say(fault)
    return ExitStatus.system.rawValue
  }
  unsafe SecretArgument.hide(in: arguments)
  Corrparse.main()
  return ExitStatus.done.rawValue
}
