//go:build !bench

// Command bench measures Belfry beside the bare limits of this machine: make bench.
package main

import (
	"fmt"
	"os"
)

// main says how to build what is meant.
func main() {
	fmt.Fprintln(os.Stderr, "bench is built with -tags bench: run make bench")
	os.Exit(2)
}
