// Package demo tells the product's story on real processes: visavisd, an eye process a desk, TLS over TCP through a recording
// wire, and faces made from photographs. Each line is checked as it is told; the story fails with its first untrue line.
package demo
