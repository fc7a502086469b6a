//go:build race

package api_test

// hostileStride is 4 under the race detector: each field gets every fourth text,
// beginning at another one.
const hostileStride = 4
