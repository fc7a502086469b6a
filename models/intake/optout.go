package intake

import (
	"slices"
	"strconv"

	"belfry.dev/belfry/models"
)

// CheckOptOuts complains about keys that nobody may opt out of: no message types, and those
// that are not optional. What was opted out of before may stay.
func CheckOptOuts(keys, before []string, known []models.MessageType) []models.Field {
	var fields []models.Field
	for i, key := range keys {
		at := slices.IndexFunc(known, func(t models.MessageType) bool { return t.Key == key })
		switch {
		case slices.Contains(before, key):
		case at < 0:
			fields = append(fields, field("types/"+strconv.Itoa(i), "unknown-value", "is no message type"))
		case !known[at].MayOptOut():
			fields = append(fields, field("types/"+strconv.Itoa(i), "not-optional", "is not optional: the account's subscriptions decide about it"))
		}
	}
	return fields
}
