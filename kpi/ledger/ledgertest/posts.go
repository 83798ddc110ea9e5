package ledgertest

import (
	"context"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// fillPosts lets people come and go: the head of public works leaves in a month, is covered for now, and hands over; the post before was handed over long ago and
// is held by somebody whose account is closed; the third was given to somebody by mistake, and nobody holds it.
func fillPosts(o *Office) {
	ctx, today := context.Background(), kpi.DateOf(o.now)
	first, second, third := o.city.People[0].ID, o.city.People[1].ID, o.city.People[len(o.city.People)-1].ID
	hold := func(post string, role account.Role, h kpi.Holding) *kpi.Holding {
		h.Post, h.Holder = post, o.by(role).Person
		o.must(o.SaveHolding(ctx, &h, o.by(account.ChiefOfStaff), o.now.AddDate(0, -1, 0)))
		return &h
	}
	leaves := hold(first, account.DepartmentHead, kpi.Holding{From: today.AddMonths(-30)})
	hold(first, account.DepartmentStaff, kpi.Holding{From: today.AddDays(-2), Until: today.AddDays(12), Acting: true, Reason: o.say("Parental leave.")})
	leaves.Until, leaves.Reason = today.AddDays(31), o.say("Retires after 28 years with the city.")
	o.must(o.SaveHolding(ctx, leaves, o.by(account.Administrator), o.now.AddDate(0, 0, -9)))
	o.handover(leaves, func(h *kpi.Handover) {
		h.Items[0].Note, h.Items[0].Done = o.say("The keys of the depot are in the second drawer."), true
		h.Items[len(h.Items)-1].Note = o.say("Ask the analyst before each month ends.")
	})
	hold(first, account.Analyst, kpi.Holding{From: today.AddDays(32)})

	before := hold(second, account.ChiefOfStaff, kpi.Holding{From: today.AddMonths(-40), Until: today.AddMonths(-14)})
	o.handover(before, func(h *kpi.Handover) {
		for i := range h.Items {
			h.Items[i].Done = true
		}
		h.Ended = true
	})
	former, err := o.PersonByEmail(ctx, "former@harborview.gov")
	o.must(err)
	o.must(o.SaveHolding(ctx, &kpi.Holding{Post: second, Holder: former.ID, From: today.AddMonths(-13)}, o.by(account.ChiefOfStaff), o.now.AddDate(0, -13, 0)))

	if third == second {
		return
	}
	wrong := hold(third, account.Viewer, kpi.Holding{From: today.AddDays(-40)})
	wrong.Void, wrong.Reason = true, o.say("It was meant for another post.")
	o.must(o.SaveHolding(ctx, wrong, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -20)))
}

// handover makes the list of what the post of a holding hands over, and works on it.
func (o *Office) handover(of *kpi.Holding, work func(*kpi.Handover)) {
	h := meeting.NewHandover(o.city, of, meeting.Papers{})
	if h == nil {
		o.tb.Fatalf("the post %s owns nothing, and its handover cannot be tested", of.Post)
	}
	o.must(o.SaveHandover(context.Background(), h, o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -9)))
	work(h)
	o.must(o.SaveHandover(context.Background(), h, o.by(account.DepartmentHead), o.now.AddDate(0, 0, -1)))
}
