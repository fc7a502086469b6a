package list

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"belfry.dev/belfry/models"
	"gorm.io/gorm"
)

// Deliveries selects deliveries; its parts are combined with "and", and zero values select
// all.
type Deliveries struct {
	ContactID, BotID string
	// AddressKey is an address in its normal form.
	AddressKeys []string
	Channel     models.Channel
	State       models.DeliveryState
	Reason      string
	// From is inclusive, To exclusive; both are of the delivery.
	From, To time.Time
}

// Everything reports whether it selects all.
func (f Deliveries) Everything() bool {
	return f.ContactID == "" && f.BotID == "" && f.AddressKeys == nil && f.Channel == "" && f.State == "" && f.Reason == ""
}

// Apply narrows the rows of deliveries.
func (f Deliveries) Apply(q *gorm.DB) *gorm.DB {
	for column, value := range map[string]string{
		"contact_id": f.ContactID, "bot_id": f.BotID, "channel": string(f.Channel), "state": string(f.State), "reason": f.Reason,
	} {
		if value != "" {
			q = q.Where(column+" = ?", Exactly(value))
		}
	}
	if f.AddressKeys != nil {
		q = q.Where("address_key IN ?", f.AddressKeys)
	}
	if !f.From.IsZero() {
		q = q.Where("created_at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("created_at < ?", f.To)
	}
	return q
}

// List returns a page of the rows that rows begins to select, those of the newest
// notifications first, from the index that is sorted so; for contacts and bots once for
// each state.
func (f Deliveries) List(rows func() *gorm.DB, page Page) ([]models.Delivery, string, error) {
	states := []models.DeliveryState{f.State}
	if f.State == "" && (f.ContactID != "" || f.BotID != "") { // their indexes are sorted within a state
		states = []models.DeliveryState{
			models.DeliveryPending, models.DeliveryAccepted, models.DeliveryDelivered, models.DeliveryFailed, models.DeliveryCancelled, models.DeliverySuppressed,
		}
	}
	all := []models.Delivery{}
	for _, state := range states {
		f.State = state
		part, err := f.page(f.Apply(f.indexed(rows())), page)
		if err != nil {
			return nil, "", err
		}
		all = append(all, part...)
	}
	slices.SortFunc(all, func(a, b models.Delivery) int {
		return -cmp.Or(strings.Compare(f.order(a), f.order(b)), strings.Compare(a.ID, b.ID))
	})
	all, next := Cut(all[:min(len(all), page.Size()+1)], page, func(d models.Delivery) string { return f.order(d) + "," + d.ID })
	return all, next, nil
}

// indexed keeps the databases from sorting what they think is little.
func (f Deliveries) indexed(q *gorm.DB) *gorm.DB {
	index := "deliveries_notification"
	switch {
	case f.ContactID != "":
		index = "deliveries_contact"
	case f.BotID != "":
		index = "deliveries_bot"
	}
	return q.Table("deliveries " + IndexHint(q.Name(), index))
}

// order is what the index of the list is sorted by.
func (f Deliveries) order(d models.Delivery) string {
	if f.ContactID == "" && f.BotID != "" {
		return d.ID
	}
	return d.NotificationID
}

func (f Deliveries) page(q *gorm.DB, page Page) ([]models.Delivery, error) {
	column := "notification_id"
	if f.ContactID == "" && f.BotID != "" {
		column = "id"
	}
	if page.After != "" {
		first, id, found := strings.Cut(page.After, ",")
		if !found || !ValidID(first) || !ValidID(id) {
			return nil, BadKey()
		}
		q = q.Where(column+" <= ?", first).Where(column+" < ? OR id < ?", first, id)
	}
	var rows []models.Delivery
	err := q.Order(column + " DESC").Order("id DESC").Limit(page.Size() + 1).Find(&rows).Error
	return rows, err
}

// Summary is what a list shows of a notification besides its row.
type Summary struct {
	// Title is that of the message in the account's inbox; "" when it is gone, or not due.
	Title string
	// States counts the deliveries.
	States map[models.DeliveryState]int
}

// Summaries returns those of the notifications, by id, from the rows of messages and of
// deliveries. Indexes: messages_notification, deliveries_notification or deliveries_slot.
func Summaries(messages, deliveries *gorm.DB, ids []string) (map[string]Summary, error) {
	summaries := map[string]Summary{}
	if len(ids) == 0 {
		return summaries, nil
	}
	var titles []struct{ NotificationID, Title string }
	err := messages.Model(&models.Message{}).Select("notification_id", "title").Where("notification_id IN ? AND owner = ''", ids).Find(&titles).Error
	if err != nil {
		return nil, err
	}
	for _, row := range titles {
		summaries[row.NotificationID] = Summary{Title: row.Title}
	}
	var states []struct {
		NotificationID string
		State          models.DeliveryState
	}
	err = deliveries.Model(&models.Delivery{}).Select("notification_id", "state").Where("notification_id IN ?", ids).Find(&states).Error
	for _, row := range states {
		d := summaries[row.NotificationID]
		if d.States == nil {
			d.States = map[models.DeliveryState]int{}
		}
		d.States[row.State]++
		summaries[row.NotificationID] = d
	}
	return summaries, err
}
