// Package chattest is a small world for tests: a real server over real TLS on loopback, desks enrolled with it, one clock that
// stands still unless it is moved, and people whose faces are made up. Only tests import it.
//
// The faces are numbers, made so that the real rules of biometrics/gate and biometrics/liveness judge them: whoever wants to
// know whether those rules hold for pictures looks at biometrics/puppet.
package chattest
