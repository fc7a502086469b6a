package sms

import "belfry.dev/belfry/channels"

// Outcome lets tests read answers without a server.
func Outcome(t channels.Target, m channels.Message, res channels.Response) (channels.Receipt, error) {
	return outcome(t, m, res, "")
}
