// Package attacks reads the page of attacks.
package attacks
