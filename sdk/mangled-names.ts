/**
 * Properties that the built recorder has by shorter names: a kilobyte of the gzipped script less. Only names that are met
 * nowhere but in objects of this very script may stand here. Not those of the page's browser, of rrweb's events (@rrweb/types)
 * and messages between frames, of what lies in a browser's storage, of `init`, of `window.rrhog`; nor one that the code has as
 * text as well, or that another script shares with this one.
 */

const OF_THE_RECORDER = `
  admits adopt batches beginAnew choice comeBack discard facts fields fieldValue follow forget giveUp giveUpRefused
  heed idleMs isAnswered isBuffering isChosen isGone isIgnored isKept isOn isOver isUnscrolled isWhole joinSession
  leastDurationLeft letGo loadObserve masking mustWait noteEarly noteError obstacle onAcknowledged onChange onGivenUp
  onHide onLeave onReturn onSessionGone onShow onSnapshotWanted onStop onTrouble outbox passwords reconsider refusal
  refusalOf renew retryAfter retryAt rewind sealedThrough sealNow sendNow sessionMs settings settleHeld spend
  storageName tellLeave tellRest thaw touch visit wake
`;

const OF_RRWEB = `
  _unchangedStyles addCustomEvent addedSet addIframe addLoadListener addShadowRoot adoptedStyleSheetCb
  adoptStyleSheets attachIframe attachLinkElement attributeMap blockSelector bypassOptions canvasManager
  canvasMutation canvasMutationCb checkoutEveryNms checkoutEveryNth crossOriginIframeMap crossOriginIframeMirror
  crossOriginIframeRootIdMap crossOriginIframeStyleMirror cssCaptured customElement customElementCb dataURLOptions
  droppedSet errorHandler eventProcessor fontCb freezePage frozen flushPendingCanvasMutationFor
  flushPendingCanvasMutations genAdds generateId generateIdFn genTextAreaValueMutation getId getIds getIdToRemoteIdMap
  getMeta getMirror getNode getRemoteId getRemoteIdToIdMap handedOver handleMessage hasNode headFavicon
  headMetaAuthorship headMetaDescKeywords headMetaHttpEquiv headMetaRobots headMetaSocial headMetaVerification
  headTitleMutations headWhitespace idNodeMap idStyleMap iframeIdToRemoteIdMap iframeLoadTimeout iframeManager
  iframeRemoteIdToIdMap ignoreClass ignoreSelector initCanvasFPSObserver initCanvasMutationObserver inlineStylesheet
  inOtherBuffer inputCb isDeaf latestId leading loadListener mapRemoves maskAllInputs maskInputFn maskInputOptions
  maskTextFn mediaInteaction mediaInteractionCb mirror mouseInteraction mouseInteractionCb mousemoveCallback
  mousemoveCb mousemoveWait movedMap movedSet mutationCb needsMask newlyAddedElement nodeMap nodeMetaMap nodeMirror
  observeAttachShadow observer onHandOver onIframeLoad onMutations onSerialize onStylesheetLoad patchAttachShadow
  patchRootIdOnNode pendingCanvasMutations preserveWhiteSpace processedNodeManager processMutation processMutations
  rafStamps recordAfter recordDOM removeNodeFromMap removesSubTreeCache replaceIdOnNode replaceIds replaceStyleIds
  resetObservers restoreHandlers sampling scrollCb selectionCb shadowDomManager shadowDoms skipChild slimDOM
  slimDOMOptions startPendingCanvasMutationFlusher startRAFTimestamping styleDeclaration styleDeclarationCb styleDiff
  styleIDMap styleMirror stylesheetLoadTimeout stylesheetManager styleSheetRule styleSheetRuleCb takeFullSnapshot
  trackedLinkElements trailing trackLinkElement trackStylesheetInLinkElement transformCrossOriginEvent unattachedDoc
  unfreeze userTriggeredOnInput viewportResize viewportResizeCb wrappedEmit
`;

export const MANGLED_NAMES = (OF_THE_RECORDER + OF_RRWEB).trim().split(/\s+/);
