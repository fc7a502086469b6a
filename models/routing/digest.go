package routing

import (
	"cmp"
	"time"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/quiethours"
	"belfry.dev/belfry/models/schedule"
)

// gather has the decision wait for its recipient's digest, if there is a rule for it. What is
// urgent is never held, nor what is told at most once, nor what would be over by then.
func (in Input) gather(d *decision, p models.Preferences, zone string) {
	rule, some := p.DigestOf(in.Type)
	if !some || !d.delivers() || in.Type.AtMostOnce || urgent(in.Type, in.Severity, d.Locked) {
		return
	}
	gathers := d.Gathered(rule)
	closes := in.closing(rule, p, zone)
	if open, gathering := in.Open[gathers]; gathering && open.After(in.Now) && open.Before(closes) {
		closes = open
	}
	if in.Brief && !closes.Before(in.ExpiresAt) {
		return
	}
	d.gathering, d.until = models.Gathering{Gathers: gathers, Category: in.Type.Category, ClosesAt: closes}, time.Time{}
}

// closing is when what is gathered from now on leaves: where quiet hours hold it then, when
// they end, but never later than anything is held.
func (in Input) closing(rule models.Digest, p models.Preferences, zone string) time.Time {
	at := in.Now.Add(time.Duration(rule.WindowMinutes) * time.Minute)
	if hour, minute, daily := quiethours.ParseClock(rule.DailyAt); daily {
		local := in.Now.In(schedule.Zone(zone))
		year, month, day := local.Date()
		timeOfDay := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
		for at = in.Now; !at.After(in.Now); day++ {
			at = schedule.Clock(local.Location(), year, month, day, timeOfDay).UTC()
		}
	}
	if until, held := quiethours.Until(at, p, zone); held {
		at = until
		if at.After(in.Now.Add(LongestHold)) {
			at = at.Add(-24 * time.Hour)
		}
	}
	return at
}

// ClosingLimits are what an envelope counts against when it closes: the recipient's bound of
// the hour under "", and the cap of each message type in it under its key. It is one message,
// and counts once for each.
func ClosingLimits(parts []models.Part, now time.Time) map[string][]models.Quota {
	limits := map[string][]models.Quota{}
	for _, p := range parts {
		r, recipient := p.Recipient, cmp.Or(p.Delivery.ContactID, p.Delivery.BotID)
		if q, bounded := hourly(recipient, r.Preferences.MaxPerHour, now); bounded {
			limits[""] = []models.Quota{q}
		}
		if q, bounded := capped(p.Notification.Type, p.Delivery.Channel, r.Choice, r.Account.TimeZone, now); bounded {
			limits[p.Notification.Type] = []models.Quota{q}
		}
	}
	return limits
}

// capped is the type's cap of the channel and day.
func capped(key string, channel models.Channel, c models.Choice, zone string, now time.Time) (models.Quota, bool) {
	limit, bounded := c.Caps[channel]
	day, ends := quiethours.Day(now, zone)
	return models.Quota{
		Key:   "cap/" + key + "/" + string(channel) + "/" + day,
		Limit: limit, EndsAt: ends, Reason: models.ReasonCapped,
	}, bounded
}

// hourly is the recipient's bound of the hour.
func hourly(recipient string, limit int, now time.Time) (models.Quota, bool) {
	hour := now.UTC().Truncate(time.Hour)
	return models.Quota{
		Key:   "hour/" + recipient + "/" + hour.Format(time.RFC3339),
		Limit: limit, EndsAt: hour.Add(time.Hour), Reason: models.ReasonThrottled,
	}, limit > 0
}
