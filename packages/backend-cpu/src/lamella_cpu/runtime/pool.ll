; The thread pool's native half; pool.py completes it with what differs between platforms and describes the whole.
;
; A region is one call of lamella_parallel: a function `body` to be called once for each chunk 0, 1, ... chunks - 1.
; Who calls it takes part. All state is in the variables below, each on a cache line of its own.

@ticket = internal global i64 0, align 128    ; the region's number of chunks in the upper half, the next chunk below
@finished = internal global i64 0, align 128  ; how many chunks of the region workers have run
@busy = internal global i64 0, align 128      ; 1 while a region has the workers
@sleepers = internal global i64 0, align 128  ; how many workers sleep, or are about to
@signal = internal global i32 0, align 128    ; changes to wake sleepers
@body = internal global ptr null, align 128   ; the region's function and its first argument
@data = internal global ptr null, align 128
@wanted = internal global i64 1, align 128    ; threads to use, the caller's included
@running = internal global i64 1, align 128   ; threads there are
@stopping = internal global i64 0, align 128  ; 1 while workers are to end
@aborted = internal global i64 0, align 128   ; 1 if chunks not yet begun are to be left out
@own = internal global ptr null, align 128    ; scratch memory of who has the workers
@spare = internal global [64 x ptr] zeroinitializer, align 128  ; scratch memory that is in no use
@threads = internal global [MAX_THREADS x i64] zeroinitializer, align 128

declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_join(i64, ptr)
declare i32 @sched_yield()
declare i32 @posix_memalign(ptr, i64, i64)
declare void @free(ptr)
declare void @abort()

; ---- what code calls ----

define void @lamella_parallel(ptr %body, ptr %data, i64 %chunks) {
entry:
  %some = icmp sgt i64 %chunks, 0
  br i1 %some, label %try, label %out
try:
  %taken = atomicrmw xchg ptr @busy, i64 1 acquire
  %free = icmp eq i64 %taken, 0
  br i1 %free, label %mine, label %alone

alone: ; another thread has the workers, or this call comes from inside a body
  %borrowed = call ptr @borrow_scratch()
  call void @run_all(ptr %body, ptr %data, i64 %chunks, ptr %borrowed)
  call void @return_scratch(ptr %borrowed)
  br label %out

mine:
  %had = load ptr, ptr @own
  %missing = icmp eq ptr %had, null
  br i1 %missing, label %first, label %ready
first:
  %made = call ptr @new_scratch()
  store ptr %made, ptr @own
  br label %ready
ready:
  %scratch = phi ptr [ %had, %mine ], [ %made, %first ]
  %wanted = load i64, ptr @wanted
  %many = icmp sgt i64 %wanted, 1
  %several = icmp sgt i64 %chunks, 1
  %countable = icmp slt i64 %chunks, 2147483648
  %worth = and i1 %several, %countable
  %shared = and i1 %many, %worth
  br i1 %shared, label %share, label %serial

serial:
  call void @run_all(ptr %body, ptr %data, i64 %chunks, ptr %scratch)
  br label %release

share:
  %running = load i64, ptr @running
  %short = icmp slt i64 %running, %wanted
  br i1 %short, label %grow, label %publish
grow:
  call void @start_workers()
  br label %publish
publish:
  store ptr %body, ptr @body
  store ptr %data, ptr @data
  store i64 0, ptr @finished
  %ticket = shl i64 %chunks, 32
  %old = atomicrmw xchg ptr @ticket, i64 %ticket seq_cst
  %sleepers = load atomic i64, ptr @sleepers seq_cst, align 8
  %asleep = icmp ne i64 %sleepers, 0
  br i1 %asleep, label %wake, label %work
wake:
  %helpers = sub i64 %chunks, 1
  %helpers32 = trunc i64 %helpers to i32
  call void @wake(i32 %helpers32)
  br label %work
work:
  %own = call i64 @run_claimed(ptr %scratch)
  %theirs = sub i64 %chunks, %own
  br label %wait
wait:
  %round = phi i64 [ 0, %work ], [ %next, %again ]
  %finished = load atomic i64, ptr @finished acquire, align 8
  %complete = icmp eq i64 %finished, %theirs
  br i1 %complete, label %release, label %again
again:
  call void @rest(i64 %round)
  %next = add i64 %round, 1
  br label %wait

release:
  store atomic i64 0, ptr @busy release, align 8
  br label %out
out:
  ret void
}

; How many threads regions are to use. Ends the workers there are; the next region starts others.
define void @lamella_pool_resize(i64 %threads) {
entry:
  br label %try
try:
  %round = phi i64 [ 0, %entry ], [ %next, %again ]
  %taken = atomicrmw xchg ptr @busy, i64 1 acquire
  %free = icmp eq i64 %taken, 0
  br i1 %free, label %mine, label %again
again:
  call void @rest(i64 %round)
  %next = add i64 %round, 1
  br label %try
mine:
  store atomic i64 1, ptr @stopping seq_cst, align 8
  call void @wake(i32 2147483647)
  %running = load i64, ptr @running
  br label %join
join:
  %thread = phi i64 [ 1, %mine ], [ %following, %one ]
  %more = icmp slt i64 %thread, %running
  br i1 %more, label %one, label %joined
one:
  %place = getelementptr i64, ptr @threads, i64 %thread
  %handle = load i64, ptr %place
  %ignored = call i32 @pthread_join(i64 %handle, ptr null)
  %following = add i64 %thread, 1
  br label %join
joined:
  store i64 1, ptr @running
  store i64 %threads, ptr @wanted
  store atomic i64 0, ptr @stopping seq_cst, align 8
  store atomic i64 0, ptr @busy release, align 8
  ret void
}

; In the child of a fork there is one thread, and whatever the others were doing will not go on.
define void @lamella_pool_forget() {
  store i64 0, ptr @ticket
  store i64 0, ptr @sleepers
  store i64 1, ptr @running
  store i64 0, ptr @stopping
  store i64 0, ptr @aborted
  call void @renew_signal()
  store atomic i64 0, ptr @busy seq_cst, align 8
  ret void
}

; Where the word is that stops regions while it is not 0.
define ptr @lamella_pool_aborted() {
  ret ptr @aborted
}

; ---- running chunks ----

; All chunks of a region that has no workers.
define internal void @run_all(ptr %body, ptr %data, i64 %chunks, ptr %scratch) {
entry:
  br label %look
look:
  %chunk = phi i64 [ 0, %entry ], [ %next, %run ]
  %aborted = load atomic i64, ptr @aborted monotonic, align 8
  %stop = icmp ne i64 %aborted, 0
  br i1 %stop, label %out, label %run
run:
  call void %body(ptr %data, i64 %chunk, ptr %scratch)
  %next = add i64 %chunk, 1
  %more = icmp slt i64 %next, %chunks
  br i1 %more, label %look, label %out
out:
  ret void
}

; Chunks of the current region as long as there are any; gives how many. A region ends only when all its claimed chunks
; are reported, so body and data, read after a claim, belong to it, however late the claim was.
define internal i64 @run_claimed(ptr %scratch) {
entry:
  br label %claim
claim:
  %count = phi i64 [ 0, %entry ], [ %counted, %done ]
  %ticket = atomicrmw add ptr @ticket, i64 1 acq_rel
  %chunk = and i64 %ticket, 4294967295
  %chunks = lshr i64 %ticket, 32
  %valid = icmp ult i64 %chunk, %chunks
  br i1 %valid, label %look, label %out
look:
  %aborted = load atomic i64, ptr @aborted monotonic, align 8
  %stop = icmp ne i64 %aborted, 0
  br i1 %stop, label %done, label %run
run:
  %body = load ptr, ptr @body
  %data = load ptr, ptr @data
  call void %body(ptr %data, i64 %chunk, ptr %scratch)
  br label %done
done:
  %counted = add i64 %count, 1
  br label %claim
out:
  ret i64 %count
}

define internal ptr @worker(ptr %ignored) {
entry:
  %scratch = call ptr @new_scratch()
  br label %idle
idle: ; the signal is read before looking for work, so that a change of it after the look keeps this worker awake
  %seen = load atomic i32, ptr @signal seq_cst, align 4
  br label %look
look:
  %round = phi i64 [ 0, %idle ], [ %next, %pause ]
  %work = call i1 @has_work()
  br i1 %work, label %run, label %none
none:
  %stop = load atomic i64, ptr @stopping acquire, align 8
  %stopping = icmp ne i64 %stop, 0
  br i1 %stopping, label %leave, label %stay
stay:
  %patient = icmp ult i64 %round, SPINS
  br i1 %patient, label %pause, label %tire
pause:
  call void @rest(i64 %round)
  %next = add i64 %round, 1
  br label %look
tire:
  %before = atomicrmw add ptr @sleepers, i64 1 seq_cst
  %late = call i1 @has_work()
  br i1 %late, label %awake, label %sleep
sleep:
  call void @sleep(i32 %seen)
  br label %awake
awake:
  %after = atomicrmw sub ptr @sleepers, i64 1 seq_cst
  br label %idle
run:
  %count = call i64 @run_claimed(ptr %scratch)
  %sum = atomicrmw add ptr @finished, i64 %count acq_rel
  br label %idle
leave:
  call void @free(ptr %scratch)
  ret ptr null
}

define internal i1 @has_work() {
  %ticket = load atomic i64, ptr @ticket seq_cst, align 8
  %chunk = and i64 %ticket, 4294967295
  %chunks = lshr i64 %ticket, 32
  %work = icmp ult i64 %chunk, %chunks
  ret i1 %work
}

; Starts the workers that are missing. If the system allows no more, those there are have to do.
define internal void @start_workers() {
entry:
  %wanted = load i64, ptr @wanted
  br label %next
next:
  %running = load i64, ptr @running
  %more = icmp slt i64 %running, %wanted
  br i1 %more, label %start, label %out
start:
  %place = getelementptr i64, ptr @threads, i64 %running
  %error = call i32 @pthread_create(ptr %place, ptr null, ptr @worker, ptr null)
  %fine = icmp eq i32 %error, 0
  br i1 %fine, label %started, label %refused
started:
  %now = add i64 %running, 1
  store i64 %now, ptr @running
  br label %next
refused:
  store i64 %running, ptr @wanted
  br label %out
out:
  ret void
}

; Wait a little: at first only this processor's pipeline, later other threads get a turn.
define internal void @rest(i64 %round) {
entry:
  call void @pause()
  %long = icmp ugt i64 %round, COURTESY
  %fraction = and i64 %round, 63
  %turn = icmp eq i64 %fraction, 0
  %yield = and i1 %long, %turn
  br i1 %yield, label %give, label %out
give:
  %ignored = call i32 @sched_yield()
  br label %out
out:
  ret void
}

; ---- scratch memory ----

define internal ptr @new_scratch() {
entry:
  %place = alloca ptr
  %error = call i32 @posix_memalign(ptr %place, i64 SCRATCH_ALIGN, i64 SCRATCH_BYTES)
  %fine = icmp eq i32 %error, 0
  br i1 %fine, label %out, label %exhausted
exhausted:
  call void @abort()
  unreachable
out:
  %scratch = load ptr, ptr %place
  call void @prefer_huge_pages(ptr %scratch)
  ret ptr %scratch
}

define internal ptr @borrow_scratch() {
entry:
  br label %look
look:
  %i = phi i64 [ 0, %entry ], [ %next, %empty ]
  %place = getelementptr ptr, ptr @spare, i64 %i
  %spare = atomicrmw xchg ptr %place, ptr null acq_rel
  %none = icmp eq ptr %spare, null
  br i1 %none, label %empty, label %out
empty:
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, 64
  br i1 %more, label %look, label %make
make:
  %made = call ptr @new_scratch()
  ret ptr %made
out:
  ret ptr %spare
}

define internal void @return_scratch(ptr %scratch) {
entry:
  br label %look
look:
  %i = phi i64 [ 0, %entry ], [ %next, %full ]
  %place = getelementptr ptr, ptr @spare, i64 %i
  %swap = cmpxchg ptr %place, ptr null, ptr %scratch acq_rel monotonic
  %put = extractvalue { ptr, i1 } %swap, 1
  br i1 %put, label %out, label %full
full:
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, 64
  br i1 %more, label %look, label %drop
drop:
  call void @free(ptr %scratch)
  br label %out
out:
  ret void
}
