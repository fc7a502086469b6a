package deliveries

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/receipt"
)

// receiptPath is where providers post what became of messages; the attempt follows it.
const receiptPath = "/v1/receipts/"

// ReceiptURL is where the provider of the attempt posts what became of the message; "" where
// the public URL is not https.
func ReceiptURL(publicURL string, a models.Attempt) string {
	if !strings.HasPrefix(publicURL, "https://") {
		return ""
	}
	return fmt.Sprintf("%s%s%s/%s/%d", strings.TrimRight(publicURL, "/"), receiptPath, a.ProviderID, a.DeliveryID, a.Number)
}

type receiptIn struct {
	ProviderID string `path:"provider_id" pattern:"^pvd_[0-9a-f]{32}$" patternDescription:"a provider's id"`
	DeliveryID string `path:"delivery_id" pattern:"^(dlv|env)_[0-9a-f]{32}$" patternDescription:"a delivery's or an envelope's id"`
	Attempt    string `path:"attempt" pattern:"^[1-9][0-9]{0,5}$" patternDescription:"an attempt's number"`
}

// number is the attempt's.
func (in *receiptIn) number() int {
	n, _ := strconv.Atoi(in.Attempt) // the pattern's
	return n
}

// recorder is an adapter whose provider posts receipts.
type recorder interface {
	Receipt(channels.Target, receipt.Callback) (receipt.Receipt, error)
}

func noReceipt() error {
	return models.Errorf(models.CodeNotFound, "There is no such message.")
}

// takeReceipt records what a provider posts about a message, once it is sure who posted it.
func takeReceipt(ctx context.Context, c *operation.Call, in *receiptIn) (*struct{}, error) {
	r, err := readReceipt(ctx, c, in)
	if err != nil {
		return nil, err
	}
	r.ProviderID, r.DeliveryID, r.Attempt = in.ProviderID, in.DeliveryID, in.number()
	changed, err := c.Store.Deliveries().Receive(ctx, r)
	for _, each := range changed {
		c.Meter.Ended(each.Notification, each.Delivery, *each.Delivery.FinishedAt)
	}
	return nil, err
}

// readReceipt verifies the callback with the provider's settings and reads it. Codes:
// not-found for providers that post none; forbidden for what is not the provider's.
func readReceipt(ctx context.Context, c *operation.Call, in *receiptIn) (receipt.Receipt, error) {
	providers := c.Store.Platform().Providers()
	p, err := providers.ByID(ctx, in.ProviderID)
	if models.CodeOf(err) == models.CodeNotFound {
		return receipt.Receipt{}, noReceipt()
	}
	if err != nil {
		return receipt.Receipt{}, err
	}
	secrets, err := providers.Secrets(p)
	if err != nil {
		return receipt.Receipt{}, err
	}
	sender, target, err := c.Channels.Route(p, secrets, nil, nil)
	reads, ok := sender.(recorder)
	if err != nil || !ok {
		return receipt.Receipt{}, noReceipt()
	}
	form, header := c.Form()
	of := models.Attempt{ProviderID: in.ProviderID, DeliveryID: in.DeliveryID, Number: in.number()}
	r, err := reads.Receipt(target, receipt.Callback{URL: ReceiptURL(c.Config.Site.URL, of), Header: header, Form: form})
	if errors.Is(err, receipt.ErrForged) {
		return r, models.Errorf(models.CodeForbidden, "It does not come from the provider.")
	}
	return r, err
}
